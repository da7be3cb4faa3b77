// A forwarder with recursors that do what the test says, all on one io_context and the test's own
// thread. What is named short here is for the tests of the forwarder alone.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "dns/forwarder.h"
#include "tests/dns/fake_recursor.h"
#include "tests/dns/message_text.h"
#include "tests/registry/catalog/fake_clock.h"

namespace rollcall::dns {

// With one address, whose last octet is `last`.
FakeRecursor::OverUdp Answers(uint8_t last);
FakeRecursor::OverUdp AnswersRcode(uint16_t rcode);
std::vector<Octets> IsSilent(const Octets& query);
// With 192.0.2.1 and TC.
std::vector<Octets> AnswersTruncated(const Octets& query);

class ForwarderFixture : public testing::Test {
 protected:
  ForwarderFixture();

  // One more server, after those before.
  FakeRecursor& Recursor(FakeRecursor::OverUdp over_udp, FakeRecursor::OverTcp over_tcp = nullptr,
                         const std::string& address = "127.0.0.1");
  // One whose port is closed.
  void ClosedPort();
  // Silent servers are left after a short time. Without it, no healthy server comes near the limit.
  void Impatient() { options_.timeout = std::chrono::milliseconds(300); }

  // With the servers so far; otherwise the first query does that.
  void Start();

  // Sends a query whose answer will be added to answers_.
  void Send(const QueryText& query);
  void Send(uint16_t id = 7);
  // Sends one and waits: the answer's octets; empty when no server gave one.
  Octets AskRaw(const QueryText& query);
  MessageText Ask(const QueryText& query) { return DecodeMessage(AskRaw(query)); }
  MessageText Ask(uint16_t id = 7);
  // "192.0.2.1", if that is in the answer alone.
  std::string AskAddress();

  // False when it does not come to that in a time that is far too long.
  bool RunUntil(const std::function<bool()>& holds);
  // Without the servers: whether nothing is left to wait for.
  bool RunsOut();

  const ForwarderCounters& counters() const { return forwarder_->counters(); }

  boost::asio::io_context io_{1};
  catalog::FakeClock clock_;
  RecursorOptions options_;
  RandomSource random_;  // empty: the kernel's
  std::vector<std::unique_ptr<FakeRecursor>> recursors_;
  std::vector<boost::asio::ip::udp::socket> closed_ports_;
  std::unique_ptr<Forwarder> forwarder_;
  std::vector<Octets> answers_;
};

}  // namespace rollcall::dns
