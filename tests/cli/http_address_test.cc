#include "cli/http_address.h"

#include <gtest/gtest.h>

namespace rollcall::cli {
namespace {

TEST(HttpAddressTest, AcceptsWhatPeopleWrite) {
  const struct {
    const char* text;
    const char* url;
  } cases[] = {
      {"127.0.0.1:8500", "http://127.0.0.1:8500"},
      {"http://registry:8501", "http://registry:8501"},
      {"http://registry:8501/", "http://registry:8501"},
      {"https://registry", "https://registry:8500"},
      {"registry", "http://registry:8500"},
      {":8501", "http://127.0.0.1:8501"},
      {"[::1]:8501", "http://[::1]:8501"},
      {"[::1]", "http://[::1]:8500"},
  };
  for (const auto& each : cases) {
    const Result<HttpAddress> address = ParseHttpAddress(each.text);
    ASSERT_TRUE(address) << each.text << ": " << address.error().message;
    EXPECT_EQ(address->Url(), each.url) << each.text;
  }
}

TEST(HttpAddressTest, NamesWhatIsWrong) {
  const struct {
    const char* text;
    const char* why;
  } cases[] = {
      {"", "it names no host"},
      {"http://", "it names no host"},
      {"unix:///run/consul.sock", "no unix sockets are served"},
      {"ftp://registry", "only http and https are spoken"},
      {"registry:http", "the port is no number between 1 and 65535"},
      {"registry:0", "the port is no number between 1 and 65535"},
      {"registry:65536", "the port is no number between 1 and 65535"},
      {"registry:8500/ui", "only a host and a port belong in it"},
      {"user@registry", "only a host and a port belong in it"},
      {"::1", "an IPv6 address needs brackets"},
      {"[::1", "the ] is missing"},
      {"[::1]8500", "the port is no number between 1 and 65535"},
  };
  for (const auto& each : cases) {
    const Result<HttpAddress> address = ParseHttpAddress(each.text);
    ASSERT_FALSE(address) << each.text;
    const std::string& message = address.error().message;
    EXPECT_NE(message.find(each.why), std::string::npos) << message;
    EXPECT_NE(message.find("\"" + std::string(each.text) + "\""), std::string::npos) << message;
  }
}

}  // namespace
}  // namespace rollcall::cli
