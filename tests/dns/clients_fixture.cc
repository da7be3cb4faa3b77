#include "tests/dns/clients_fixture.h"

#include <sys/wait.h>

#include <cstdio>

#include "tests/dns/catalog_text.h"

namespace rollcall::dns {
namespace {

struct CloseProgram {
  void operator()(FILE* program) const { pclose(program); }
};

}  // namespace

std::string OutputOf(const std::string& command) {
  std::unique_ptr<FILE, CloseProgram> program(popen((command + " 2>&1").c_str(), "r"));
  std::string output;
  char part[4096];
  while (const size_t count = fread(part, 1, sizeof part, program.get()))
    output.append(part, count);
  EXPECT_EQ(WEXITSTATUS(pclose(program.release())), 0) << command << "\n" << output;
  return output;
}

std::shared_ptr<const catalog::Snapshot> ClientsFixture::Catalog() {
  CatalogText text;
  text.Node("n1", "127.0.0.1").Node("n2", "2001:db8::7");
  text.Instance({.node = "n1", .name = "web", .port = 8080});
  text.Instance({.node = "n2", .name = "web", .port = 8081});
  for (int i = 0; i < 200; ++i) {
    const std::string name = "node" + std::to_string(i);
    text.Node(name, "10.0.0." + std::to_string(i)).Instance({.node = name, .name = "many"});
  }
  return text.Build();
}

}  // namespace rollcall::dns
