#include "registry/store/etcd/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rollcall::store {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<std::string> EndpointsOf(const EtcdOptions& options) {
  std::vector<std::string> texts;
  texts.reserve(options.endpoints.size());
  for (const EtcdEndpoint& each : options.endpoints) texts.push_back(each.Text());
  return texts;
}

TEST(EtcdUrlTest, NamesEndpointsUserAndPrefix) {
  const auto options = ParseEtcdUrl("etcd://rollcall@h1:2379,10.0.0.2:12379,[2001:db8::7]:1/a/b");
  ASSERT_TRUE(options) << options.error().message;
  EXPECT_THAT(EndpointsOf(*options), ElementsAre("h1:2379", "10.0.0.2:12379", "[2001:db8::7]:1"));
  EXPECT_EQ(options->user, "rollcall");
  EXPECT_EQ(options->prefix, "a/b/");
  EXPECT_FALSE(options->tls);
}

TEST(EtcdUrlTest, FillsInPortAndPrefix) {
  for (const char* url : {"etcds://h1,[::1]", "etcds://h1,[::1]/"}) {
    const auto options = ParseEtcdUrl(url);
    ASSERT_TRUE(options) << options.error().message;
    EXPECT_THAT(EndpointsOf(*options), ElementsAre("h1:2379", "[::1]:2379"));
    EXPECT_EQ(options->user, "");
    EXPECT_EQ(options->prefix, "rollcall/");
    EXPECT_TRUE(options->tls);
  }
}

TEST(EtcdUrlTest, SaysWhichPartIsWrong) {
  struct Case {
    std::string url;
    const char* says;
  };
  const Case cases[] = {
      {"", "scheme"},
      {"h1:2379", "scheme"},
      {"http://h1:2379", "scheme \"http\""},
      {"etcd:/h1", "scheme"},
      {"etcd://", "endpoint is empty"},
      {"etcd:///prefix", "endpoint is empty"},
      {"etcd://h1,", "endpoint is empty"},
      {"etcd://,h1", "endpoint is empty"},
      {"etcd://h1,,h2", "endpoint is empty"},
      {"etcd://user@", "endpoint is empty"},
      {"etcd://@h1", "user \"\""},
      {"etcd://user:secret@h1", "password does not belong"},
      {"etcd://us er@h1", "user \"us er\""},
      {"etcd://h1:", "port \"\""},
      {"etcd://h1:0", "port \"0\""},
      {"etcd://h1:65536", "port \"65536\""},
      {"etcd://h1:2379x", "port \"2379x\""},
      {"etcd://h1:-1", "port \"-1\""},
      {"etcd://h1:1:2", "more than one ':'"},
      {"etcd://::1", "more than one ':'"},
      {"etcd://[::1", "']' is missing"},
      {"etcd://[::1]2379", "':' is wanted"},
      {"etcd://[::1%eth0]:2379", "no IPv6 address"},
      {"etcd://[10.0.0.1]", "no IPv6 address"},
      {"etcd://h 1", "not a host name"},
      {"etcd://h\n1", "not a host name"},
      {"etcd://" + std::string(254, 'a'), "not a host name"},
      {"etcd://h1,h2:2379,h2", "\"h2:2379\": is there twice"},
      {"etcd://h1/a?b", "prefix \"a?b\""},
      {"etcd://h1/a b", "prefix"},
      {"etcd://h1/%00", "prefix"},
      {"etcd://h1/" + std::string(257, 'a'), "longer than"},
  };
  for (const Case& each : cases) {
    const auto options = ParseEtcdUrl(each.url);
    ASSERT_FALSE(options) << each.url;
    EXPECT_EQ(options.error().code, ErrorCode::kInvalidArgument) << each.url;
    EXPECT_THAT(options.error().message, HasSubstr(each.says)) << each.url;
    EXPECT_EQ(options.error().message.find('\n'), std::string::npos) << each.url;
  }
}

TEST(EtcdUrlTest, BoundsTheNumberOfEndpoints) {
  std::string url = "etcd://h";
  for (int i = 0; i < 1000; ++i) url += ",h" + std::to_string(i);
  ASSERT_FALSE(ParseEtcdUrl(url));
  EXPECT_THAT(ParseEtcdUrl(url).error().message, HasSubstr("too many"));
}

}  // namespace
}  // namespace rollcall::store
