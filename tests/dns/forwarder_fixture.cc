#include "tests/dns/forwarder_fixture.h"

#include <utility>

namespace rollcall::dns {

using boost::asio::ip::udp;

FakeRecursor::OverUdp Answers(uint8_t last) {
  return [last](const Octets& query) {
    return std::vector<Octets>{MakeAnswer(query, {.answer = {AddressRecord(last)}})};
  };
}

FakeRecursor::OverUdp AnswersRcode(uint16_t rcode) {
  return [rcode](const Octets& query) {
    return std::vector<Octets>{MakeAnswer(query, {.flags = static_cast<uint16_t>(0x8180 | rcode)})};
  };
}

std::vector<Octets> IsSilent(const Octets& /*query*/) { return {}; }

std::vector<Octets> AnswersTruncated(const Octets& query) {
  return {MakeAnswer(query, {.flags = 0x8380, .answer = {AddressRecord(1)}})};
}

ForwarderFixture::ForwarderFixture() { options_.timeout = std::chrono::seconds(30); }

FakeRecursor& ForwarderFixture::Recursor(FakeRecursor::OverUdp over_udp,
                                         FakeRecursor::OverTcp over_tcp,
                                         const std::string& address) {
  recursors_.push_back(
      std::make_unique<FakeRecursor>(&io_, std::move(over_udp), std::move(over_tcp), address));
  options_.servers.push_back(recursors_.back()->address());
  return *recursors_.back();
}

void ForwarderFixture::ClosedPort() {
  // Connected elsewhere, a socket keeps others from the port and takes nothing from us.
  const auto loopback = boost::asio::ip::address_v4::loopback();
  udp::socket& socket = closed_ports_.emplace_back(io_, udp::endpoint(loopback, 0));
  socket.connect({loopback, 1});
  options_.servers.push_back({loopback.to_bytes(), socket.local_endpoint().port()});
}

void ForwarderFixture::Start() {
  forwarder_ =
      std::make_unique<Forwarder>(&io_, options_, &clock_, random_ ? random_ : MakeKernelRandom());
}

void ForwarderFixture::Send(const QueryText& query) {
  if (!forwarder_) Start();
  forwarder_->Forward(EncodeQuery(query), [this](std::span<const uint8_t> answer) {
    answers_.emplace_back(answer.begin(), answer.end());
  });
}

void ForwarderFixture::Send(uint16_t id) { Send({.name = "example.org.", .type = "A", .id = id}); }

Octets ForwarderFixture::AskRaw(const QueryText& query) {
  const size_t before = answers_.size();
  Send(query);
  EXPECT_TRUE(RunUntil([&] { return answers_.size() > before; }));
  return answers_.size() > before ? answers_.back() : Octets();
}

MessageText ForwarderFixture::Ask(uint16_t id) {
  return Ask({.name = "example.org.", .type = "A", .id = id});
}

std::string ForwarderFixture::AskAddress() {
  const std::vector<std::string> answer = Ask().answer;
  return answer.size() == 1 ? answer[0].substr(answer[0].rfind(' ') + 1) : "";
}

bool ForwarderFixture::RunUntil(const std::function<bool()>& holds) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!holds() && std::chrono::steady_clock::now() < deadline) {
    io_.restart();
    io_.run_one_for(std::chrono::seconds(1));
  }
  return holds();
}

bool ForwarderFixture::RunsOut() {
  recursors_.clear();
  io_.restart();
  io_.poll();
  return io_.stopped();
}

}  // namespace rollcall::dns
