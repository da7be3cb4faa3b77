#include "tests/e2e/harness/dig.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "tests/e2e/harness/files.h"
#include "tests/e2e/harness/process.h"

namespace rollcall::e2e {
namespace {

// "web.service.consul.	0	IN	A	10.0.0.1": owner, TTL, class, type, rdata.
void AddRecord(const std::string& line, DnsReply* reply) {
  std::istringstream words(line);
  std::string skipped;
  words >> skipped >> reply->ttl >> skipped >> skipped;
  std::getline(words >> std::ws, reply->answers.emplace_back());
}

}  // namespace

DnsReply Dig(int port, const std::string& name, const std::string& type,
             const std::vector<std::string>& options) {
  const TempDir dir;
  ProcessOptions dig{.argv = {"dig", "@127.0.0.1", "-p", std::to_string(port), name, type,
                              "+time=1", "+tries=1", "+noadditional", "+noauthority"},
                     .environment = {"HOME=" + dir.path()},  // nobody's .digrc
                     .output_path = dir.File("out")};
  dig.argv.insert(dig.argv.end(), options.begin(), options.end());
  const Finished finished = RunToEnd(std::move(dig));
  EXPECT_NE(finished.code, 127) << "dig is missing: " << finished.output;

  DnsReply reply;
  std::istringstream lines(finished.output);
  for (std::string line; std::getline(lines, line);) {
    const size_t status = line.find("status: ");
    if (line.starts_with(";;") && status != std::string::npos) {
      reply.status = line.substr(status + 8, line.find(',', status) - status - 8);
    } else if (constexpr std::string_view kCookie = "; COOKIE: "; line.starts_with(kCookie)) {
      reply.cookie = line.substr(kCookie.size(), line.find(' ', kCookie.size()) - kCookie.size());
    } else if (constexpr std::string_view kError = "; EDE: "; line.starts_with(kError)) {
      reply.extended_error = line.substr(kError.size());
    } else if (!line.empty() && line[0] != ';') {
      AddRecord(line, &reply);
    }
  }
  std::sort(reply.answers.begin(), reply.answers.end());
  return reply;
}

}  // namespace rollcall::e2e
