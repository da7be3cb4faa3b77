#include "tests/e2e/harness/haproxy.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <sstream>
#include <vector>

namespace rollcall::e2e {

std::string Haproxy::OverUdp(const std::vector<std::string>& nameservers) {
  std::string section = "resolvers rollcall\n";
  for (size_t i = 0; i < nameservers.size(); ++i) {
    section += "  nameserver n" + std::to_string(i + 1) + " " + nameservers[i] + "\n";
  }
  return section +
         "  accepted_payload_size 8192\n"
         "  timeout resolve 200ms\n"
         "  timeout retry 200ms\n"
         "  hold valid 200ms\n"
         "  hold nx 200ms\n"
         "  hold obsolete 200ms\n";
}

void Haproxy::Start(const Options& options) {
  const std::string config =
      "global\n"
      "  stats socket " +
      dir().File("stats") +
      " mode 600 level admin\n"
      "defaults\n"
      "  mode http\n"
      "  timeout connect 1s\n"
      "  timeout client 5s\n"
      "  timeout server 5s\n" +
      options.resolvers +
      "frontend web\n"
      "  bind " +
      address() +
      "\n"
      "  default_backend web\n"
      "backend web\n"
      "  server-template web " +
      std::to_string(options.slots) +
      " _web._tcp.service.consul resolvers rollcall resolve-prefer ipv4 init-addr none" +
      options.checks + "\n";
  Run({"/usr/sbin/haproxy", "-db", "-f", dir().Write("haproxy.cfg", config)}, "haproxy.log");
}

std::string Haproxy::Ask(const std::string& command) const {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, dir().File("stats").c_str(), sizeof(address.sun_path) - 1);
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  std::string answer;
  if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0 &&
      send(fd, command.data(), command.size(), MSG_NOSIGNAL) > 0) {
    char buffer[4096];
    for (ssize_t n; (n = read(fd, buffer, sizeof(buffer))) > 0;) {
      answer.append(buffer, static_cast<size_t>(n));
    }
  }
  close(fd);
  return answer;
}

// The CSV names its columns in its first line.
Endpoints Haproxy::FilledSlots() const {
  std::istringstream lines(Ask("show stat\n"));
  std::vector<std::string> names;
  Endpoints filled;
  for (std::string line; std::getline(lines, line);) {
    std::vector<std::string> fields;
    std::istringstream cells(line);
    for (std::string cell; std::getline(cells, cell, ',');) fields.push_back(cell);
    if (names.empty()) {
      names = fields;
      continue;
    }
    const auto field = [&](const std::string& name) -> std::string {
      for (size_t i = 0; i < names.size() && i < fields.size(); ++i) {
        if (names[i] == name) return fields[i];
      }
      return "";
    };
    // "UP", or "UP 1/2" while a check begins to fail; "no check" where there is none.
    const std::string status = field("status");
    if (field("svname").starts_with("web") && (status.starts_with("UP") || status == "no check")) {
      filled.insert(field("addr"));
    }
  }
  return filled;
}

}  // namespace rollcall::e2e
