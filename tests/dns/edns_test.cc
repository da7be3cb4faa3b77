// What the options of EDNS carry: the client's subnet back to it, and why an answer is empty.
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/dns/asked.h"
#include "tests/dns/catalog_text.h"

namespace rollcall::dns {
namespace {

using model::CheckStatus;

CatalogText WellAndIll() {
  CatalogText text;
  text.Node("n1", "127.0.0.1").Node("a", "10.0.0.1").Node("b", "10.0.0.2");
  text.Instance({.node = "a", .name = "web", .tags = {"blue"}});
  text.Instance({.node = "b", .name = "ill", .tags = {"red"}});
  text.Check("b", "ill", CheckStatus::kCritical);
  text.Instance({.node = "a", .name = "mixed", .tags = {"well"}});
  text.Instance({.node = "b", .name = "mixed", .tags = {"sick"}});
  text.Check("b", "mixed", CheckStatus::kCritical);
  text.Instance({.node = "a", .name = "warned"});
  text.Check("a", "warned", CheckStatus::kWarning);
  return text;
}

QueryText WithOptions(std::string options) {
  return {.name = "web.service.consul.", .type = "A", .edns = 1232, .options = std::move(options)};
}

TEST(ClientSubnetTest, IsEchoedAsNotUsed) {
  AskedCatalog asked(WellAndIll().Build());
  const std::vector<std::pair<std::string, std::string>> table = {
      {"0008000700011800c63364", "0008000700011800c63364"},
      {"0008000700011820c63364", "0008000700011800c63364"},  // a scope of the client's
      {"0008000400010000", "0008000400010000"},              // "do not tell my address"
      {"0008000b0002380020010db8000000", "0008000b0002380020010db8000000"},
      {"0008000600030800ff00", ""},                          // of no family that we know
      {"0003000412345678", ""},                              // another option
      {"fde900000008000500010800ff", "0008000500010800ff"},  // behind another one
  };
  for (const auto& [sent, echoed] : table) {
    SCOPED_TRACE(sent);
    const MessageText answer = asked.Ask(WithOptions(sent));
    EXPECT_EQ(answer.rcode, "NOERROR");
    EXPECT_EQ(answer.answer.size(), 1u);
    EXPECT_EQ(answer.options, echoed);
  }
}

TEST(ClientSubnetTest, WhatIsMalformedIsAFormatError) {
  AskedCatalog asked(WellAndIll().Build());
  for (const char* options : {
           "00080006000118000a64",        // an octet too few
           "00080008000118000a640000",    // one too many
           "0008000700011400c63364",      // bits beyond the prefix
           "0008000900012100c633640000",  // a prefix longer than the address
           "00080015000281000000000000000000000000000000000000",  // one longer than an IPv6 address
           "00080003000100",                                      // no scope
           "00080000",                                            // nothing at all
           "0008ffff",                                            // longer than the record
           "0008",                                                // half an option
       }) {
    SCOPED_TRACE(options);
    const MessageText answer = asked.Ask(WithOptions(options));
    EXPECT_EQ(answer.rcode, "FORMERR");
    EXPECT_TRUE(answer.edns);  // or the client would take us for one without EDNS
    EXPECT_EQ(answer.options, "");
    EXPECT_TRUE(answer.answer.empty());
  }
}

std::string Hex(const std::string& text) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string hex;
  for (const char c : text) {
    hex += kDigits[static_cast<unsigned char>(c) >> 4];
    hex += kDigits[static_cast<unsigned char>(c) & 0xf];
  }
  return hex;
}

// The option as it travels: its code, its size, and the error with its text.
std::string ExtendedErrorOption(uint16_t code, const std::string& text) {
  const auto number = [](size_t value) {
    return Hex({static_cast<char>(value >> 8), static_cast<char>(value & 0xff)});
  };
  return number(15) + number(2 + text.size()) + number(code) + Hex(text);
}

TEST(ExtendedErrorTest, SaysWhyThereIsNoAnswer) {
  AskedCatalog asked(WellAndIll().Build());
  const std::vector<std::pair<std::string, std::string>> table = {
      {"nix.service.consul. A", "no such service"},
      {"blue.nix.service.consul. SRV", "no such service"},
      {"green.web.service.consul. A", "no instance of the service has this tag"},
      {"ill.service.consul. SRV", "all instances are critical"},
      {"red.ill.service.consul. A", "all instances are critical"},
      {"sick.mixed.service.consul. A", "all instances are critical"},
      {"web.service.consul. AAAA", "no address of this family"},
      {"a.node.consul. AAAA", "no address of this family"},
      {"0a000001.addr.consul. AAAA", "no address of this family"},
      {"nix.node.consul. A", "no such node"},
      {"1.2.0.192.in-addr.arpa. PTR", "no node or service has this address"},
      {"web.consul. A", "not the name of a service, node or address of this datacenter"},
      {"web.service.dc2.consul. A",
       "not the name of a service, node or address of this datacenter"},
  };
  for (const auto& [query, text] : table) {
    SCOPED_TRACE(query);
    const MessageText answer = asked.Ask(query);
    EXPECT_TRUE(answer.answer.empty());
    EXPECT_EQ(answer.options, ExtendedErrorOption(ExtendedError::kOther, text));
  }
}

TEST(ExtendedErrorTest, SaysThatNobodyIsPassingWhereThatIsAskedFor) {
  DnsOptions options = TestOptions();
  options.only_passing = true;
  AskedCatalog asked(WellAndIll().Build(), options);
  EXPECT_EQ(asked.Ask("warned.service.consul. A").options,
            ExtendedErrorOption(ExtendedError::kOther, "no instance is passing"));
}

TEST(ExtendedErrorTest, NamesWhatIsNotOurs) {
  AskedCatalog asked(WellAndIll().Build());
  EXPECT_EQ(asked.Ask("www.example.com. A").options,
            ExtendedErrorOption(ExtendedError::kNotAuthoritative, ""));
  EXPECT_EQ(asked.Ask("consul. AXFR").options,
            ExtendedErrorOption(ExtendedError::kNotSupported, ""));
}

TEST(ExtendedErrorTest, IsOnlyForThoseWhoSpeakEdnsAndMissSomething) {
  AskedCatalog asked(WellAndIll().Build());
  EXPECT_FALSE(asked.Ask(QueryText{.name = "nix.service.consul.", .type = "A"}).edns);
  EXPECT_EQ(asked.Ask("web.service.consul. A").options, "");
  EXPECT_EQ(asked.Ask("consul. A").options, "");  // there, and of no address by design
  EXPECT_EQ(asked.Ask("web.service.consul. MX").options, "");
}

TEST(ExtendedErrorTest, GoesWithTheSubnetInTheSmallestAnswer) {
  AskedCatalog asked(WellAndIll().Build());
  const std::string label(63, 'x');
  const std::string name = label + "." + label + "." + label + ".service.consul.";
  const MessageText answer =
      asked.Ask({.name = name, .type = "A", .edns = 512, .options = "0008000700011800c63364"});
  EXPECT_EQ(answer.rcode, "NXDOMAIN");
  EXPECT_LE(answer.size, 512u);
  EXPECT_EQ(answer.flags, "qr aa rd");
  EXPECT_EQ(answer.authority.size(), 1u);
  EXPECT_EQ(answer.options, "0008000700011800c63364" +
                                ExtendedErrorOption(ExtendedError::kOther, "no such service"));
}

TEST(ExtendedErrorTest, CatalogThatIsTooOldAnswersNothingOfOurs) {
  catalog::SnapshotHolder holder;
  holder.Publish(WellAndIll().Build());
  catalog::SnapshotReader reader(holder);
  const SteadyClock clock;
  bool is_too_old = true;
  Responder responder(
      TestZone(),
      {.catalog = &reader, .clock = &clock, .seed = 1, .is_too_old = [&] { return is_too_old; }});
  const auto ask = [&](const char* name, const char* type) {
    return DecodeMessage(
        AnswerOf(&responder, EncodeQuery({.name = name, .type = type, .edns = 1232})));
  };
  for (const char* name : {"web.service.consul.", "n1.node.consul.", "nothing.service.consul."}) {
    for (const char* type : {"A", "SRV", "TXT"}) {
      EXPECT_EQ(ask(name, type).rcode, "SERVFAIL") << name << type;
      EXPECT_TRUE(ask(name, type).answer.empty());
    }
  }
  EXPECT_EQ(ask("web.service.consul.", "A").options,
            ExtendedErrorOption(ExtendedError::kNoReachableAuthority,
                                "this server has lost touch with the registry's store"));
  EXPECT_EQ(ask("example.com.", "A").rcode, "REFUSED");  // as ever
  is_too_old = false;
  EXPECT_EQ(ask("web.service.consul.", "A").rcode, "NOERROR");
}

}  // namespace
}  // namespace rollcall::dns
