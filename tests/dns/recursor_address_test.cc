#include "dns/recursor_address.h"

#include <gtest/gtest.h>

#include <string>

namespace rollcall::dns {
namespace {

TEST(RecursorAddressTest, ReadsWhatPeopleWrite) {
  struct Case {
    std::string text;
    std::string read;
  };
  const Case cases[] = {
      {"192.0.2.1", "192.0.2.1:53"},
      {"192.0.2.1:5353", "192.0.2.1:5353"},
      {"192.0.2.1:65535", "192.0.2.1:65535"},
      {"2001:db8::1", "[2001:db8::1]:53"},
      {"[2001:db8::1]", "[2001:db8::1]:53"},
      {"[2001:DB8::1]:5353", "[2001:db8::1]:5353"},
      {"::1", "[::1]:53"},
  };
  for (const Case& c : cases) {
    const Result<RecursorAddress> parsed = RecursorAddress::Parse(c.text);
    ASSERT_TRUE(parsed) << parsed.error().message;
    EXPECT_EQ(parsed->ToText(), c.read);
    EXPECT_EQ(RecursorAddress::Parse(c.read).value(), *parsed);
  }
}

TEST(RecursorAddressTest, NamesWhatItCannotRead) {
  struct Case {
    std::string text;
    std::string why;
  };
  const Case cases[] = {
      {"", "it has no IP address"},
      {"dns.example", "it has no IP address"},
      {"dns.example:53", "it has no IP address"},
      {":53", "it has no IP address"},
      {"[]:53", "it has no IP address"},
      {"[192.0.2.1]:53", "it has no IP address"},
      {"fe80::1%eth0", "it has no IP address"},
      {"192.0.2.1:", "the port is no number from 1 to 65535"},
      {"192.0.2.1:0", "the port is no number from 1 to 65535"},
      {"192.0.2.1:65536", "the port is no number from 1 to 65535"},
      {"192.0.2.1:+53", "the port is no number from 1 to 65535"},
      {"[::1]:dns", "the port is no number from 1 to 65535"},
      {"[::1", "the ] is missing"},
      {"[::1]53", "behind the ] belongs a port"},
  };
  for (const Case& c : cases) {
    const Result<RecursorAddress> parsed = RecursorAddress::Parse(c.text);
    ASSERT_FALSE(parsed) << c.text;
    EXPECT_EQ(parsed.error().code, ErrorCode::kInvalidArgument);
    EXPECT_EQ(parsed.error().message,
              "bad recursor \"" + c.text + "\": " + c.why +
                  "; write it as 192.0.2.1, 192.0.2.1:5353 or [2001:db8::1]:5353");
  }
}

}  // namespace
}  // namespace rollcall::dns
