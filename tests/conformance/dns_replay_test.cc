// Replays what was asked of a real Consul over the sockets of a real server process, and accounts
// for every query: answered as recorded, or deliberately different.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <regex>
#include <set>

#include "tests/conformance/dns_differences.h"
#include "tests/conformance/dns_record.h"
#include "tests/dns/message_text.h"
#include "tests/dns/running_server.h"
#include "tests/e2e/harness/programs.h"

namespace rollcall::conformance {
namespace {

using dns::MessageText;
using testing::UnorderedElementsAreArray;

using Lines = std::vector<std::string>;

// Change them with the table, so that no query leaves the replay unseen.
constexpr size_t kQueriesAsRecorded = 150;
constexpr size_t kQueriesDifferent = 54;

constexpr uint16_t kOurPayload = 8192;
constexpr std::optional<uint16_t> kAnyPayload = 4096;
constexpr size_t kPayloadFromEnd = 8;  // RFC 6891 section 6.1.2: class, TTL, RDLENGTH

// RFC 7871 section 6: family, source and scope prefix, address.
constexpr uint8_t kEcs[] = {0, 8, 0, 7, 0, 1, 24, 0, 198, 51, 100};

std::vector<uint8_t> Encode(const RecordedQuery& query) {
  std::vector<uint8_t> octets = dns::EncodeQuery({.name = query.name,
                                                  .type = query.type,
                                                  .klass = query.klass,
                                                  .edns = query.edns ? kAnyPayload : query.edns,
                                                  .recursion_desired = query.recursion_desired});
  if (query.edns) {  // ldns takes 0 for no EDNS at all; the OPT record is the last
    octets[octets.size() - kPayloadFromEnd] = static_cast<uint8_t>(*query.edns >> 8);
    octets[octets.size() - kPayloadFromEnd + 1] = static_cast<uint8_t>(*query.edns & 0xff);
  }
  if (query.has_ecs) {
    octets.back() = sizeof kEcs;
    octets.insert(octets.end(), std::begin(kEcs), std::end(kEcs));
  }
  return octets;
}

MessageText Ask(int port, const RecordedQuery& query) {
  using dns::Client;
  const Client client(query.tcp ? Client::Kind::kTcp : Client::Kind::kUdp,
                      static_cast<uint16_t>(port));
  if (!query.tcp) {
    client.Send(Encode(query));
    return dns::DecodeMessage(client.ReceiveDatagram());
  }
  client.SendPrefixed(Encode(query));
  const auto answer = client.ReceivePrefixed();
  if (!answer) ADD_FAILURE() << "the connection was closed";
  return answer ? dns::DecodeMessage(*answer) : MessageText();
}

Lines WithoutSerials(Lines lines) {
  static const std::regex kSerial(R"(^(\S+ \d+ SOA \S+ \S+) \d+ )");
  for (std::string& line : lines) line = std::regex_replace(line, kSerial, "$1 $$serial ");
  return lines;
}

void ExpectContent(const DnsContent& expect, const MessageText& answer) {
  EXPECT_EQ(answer.rcode, expect.rcode);
  EXPECT_EQ(answer.flags, expect.flags);
  EXPECT_THAT(WithoutSerials(answer.answer), UnorderedElementsAreArray(expect.answer));
  EXPECT_THAT(WithoutSerials(answer.authority), UnorderedElementsAreArray(expect.authority));
  EXPECT_THAT(WithoutSerials(answer.additional), UnorderedElementsAreArray(expect.additional));
}

void ExpectPartOf(const Lines& whole, const Lines& part) {
  const std::set<std::string> known(whole.begin(), whole.end());
  EXPECT_EQ(std::set<std::string>(part.begin(), part.end()).size(), part.size());
  for (const std::string& line : part) EXPECT_TRUE(known.contains(line)) << line;
}

void ExpectMoreFit(const RecordedQuery& query, const DnsContent& whole, const MessageText& answer) {
  EXPECT_EQ(answer.rcode, "NOERROR");
  const size_t limit = std::max<size_t>(query.edns.value_or(0), 512);
  EXPECT_LE(answer.size, limit);
  EXPECT_GT(answer.answer.size(), query.expect.answer.size()) << "this is no difference";
  ExpectPartOf(whole.answer, answer.answer);
  ExpectPartOf(whole.additional, answer.additional);
  const bool all = answer.answer.size() == whole.answer.size() &&
                   answer.additional.size() == whole.additional.size();
  EXPECT_EQ(answer.flags.find("tc") == std::string::npos, all) << answer.flags;
}

// Which instances Consul's truncated answers had was random: as many, and such as there are.
void ExpectAsMany(const DnsContent& expect, const DnsContent& whole, const MessageText& answer) {
  EXPECT_EQ(answer.rcode, expect.rcode);
  EXPECT_EQ(answer.flags, expect.flags);
  EXPECT_EQ(answer.answer.size(), expect.answer.size());
  EXPECT_EQ(answer.additional.size(), expect.additional.size());
  ExpectPartOf(whole.answer, answer.answer);
  ExpectPartOf(whole.additional, answer.additional);
}

// Whether two contents say the same.
bool Same(DnsContent a, DnsContent b) {
  for (DnsContent* each : {&a, &b}) {
    for (Lines* lines : {&each->answer, &each->authority, &each->additional}) {
      std::sort(lines->begin(), lines->end());
    }
  }
  return a.rcode == b.rcode && a.flags == b.flags && a.answer == b.answer &&
         a.authority == b.authority && a.additional == b.additional;
}

class DnsConformanceTest : public testing::Test {
 protected:
  void SetUp() override {
    record_ = LoadDnsRecord(ROLLCALL_RECORDED_DNS);
    ASSERT_TRUE(server_.Start({"--dns-any", "all"}));
    for (const nlohmann::json& body : record_.registrations) {
      ASSERT_TRUE(server_.Put("/v1/catalog/register", body).ok()) << body;
    }
  }

  const DnsContent& ExpectOf(const std::string& query) const {
    const auto found = std::find_if(record_.queries.begin(), record_.queries.end(),
                                    [&](const auto& each) { return each.Text() == query; });
    if (found == record_.queries.end()) throw std::runtime_error("no such query: " + query);
    return found->expect;
  }

  void ExpectAsRecorded(const RecordedQuery& query, const MessageText& answer) const {
    if (query.expect.flags.find("tc") == std::string::npos) {
      return ExpectContent(query.expect, answer);
    }
    const std::string whole = query.name + " " + query.type + " tcp";
    ExpectAsMany(query.expect, ExpectOf(whole), answer);
  }

  void ExpectDifference(const RecordedQuery& query, const DnsDifference& difference,
                        const MessageText& answer) const {
    if (difference.kind == DnsDifferenceKind::kMoreFit) {
      return ExpectMoreFit(query, ExpectOf(difference.whole), answer);
    }
    EXPECT_FALSE(Same(query.expect, difference.content)) << "this is no difference";
    ExpectContent(difference.content, answer);
  }

  e2e::Server server_;
  DnsRecord record_;
};

TEST_F(DnsConformanceTest, AnswersEveryRecordedQuery) {
  std::set<std::string> different;
  size_t as_recorded = 0;
  size_t differing = 0;
  for (const RecordedQuery& query : record_.queries) {
    SCOPED_TRACE(query.Text());
    const MessageText answer = Ask(server_.dns_port(), query);
    EXPECT_EQ(answer.edns.has_value(), query.edns.has_value());
    if (answer.edns) {
      EXPECT_EQ(*answer.edns, kOurPayload);
    }
    if (query.has_ecs) {
      EXPECT_EQ(answer.options, "0008000700011800c63364");  // with scope 0
    }
    if (const DnsDifference* difference = FindDnsDifference(query.Text())) {
      ExpectDifference(query, *difference, answer);
      different.insert(difference->query);
      ++differing;
    } else {
      ExpectAsRecorded(query, answer);
      ++as_recorded;
    }
  }
  for (const DnsDifference& each : DnsDifferences()) {
    std::cout << "different: " << each.query << ": " << each.reason << "\n";
    EXPECT_TRUE(different.contains(each.query)) << each.query << " is not in the record";
  }
  std::cout << as_recorded << " queries as recorded, " << differing << " deliberately different\n";
  EXPECT_EQ(as_recorded, kQueriesAsRecorded);
  EXPECT_EQ(differing, kQueriesDifferent);
}

}  // namespace
}  // namespace rollcall::conformance
