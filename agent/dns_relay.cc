#include "agent/dns_relay.h"

#include <spdlog/spdlog.h>

#include <boost/asio/ip/address.hpp>
#include <utility>

namespace rollcall::agent {

namespace asio = boost::asio;
using boost::system::error_code;
using std::chrono::steady_clock;

namespace {

constexpr size_t kHeaderSize = 12;
constexpr std::chrono::milliseconds kSweepInterval{100};

// Where the first question ends; 0 when it cannot be read. Questions are never compressed.
size_t QuestionEnd(const uint8_t* message, size_t size) {
  size_t at = kHeaderSize;
  while (at < size && message[at] != 0) {
    if (message[at] > 63) return 0;
    at += 1u + message[at];
  }
  return at + 5 <= size ? at + 5 : 0;  // the root label, type and class
}

uint16_t ReadId(const uint8_t* message) {
  return static_cast<uint16_t>((message[0] << 8) | message[1]);
}

void WriteId(uint8_t* message, uint16_t id) {
  message[0] = static_cast<uint8_t>(id >> 8);
  message[1] = static_cast<uint8_t>(id & 0xFF);
}

bool IsQuery(const uint8_t* message, size_t size) {
  return size >= kHeaderSize && (message[2] & 0x80) == 0;
}

}  // namespace

std::vector<uint8_t> ServFail(const uint8_t* query, size_t size) {
  if (!IsQuery(query, size)) return {};
  const size_t question_end = QuestionEnd(query, size);
  const bool has_question = question_end != 0 && query[4] == 0 && query[5] == 1;
  std::vector<uint8_t> answer(query, query + (has_question ? question_end : kHeaderSize));
  answer[2] = static_cast<uint8_t>(0x80 | (query[2] & 0x79));  // QR, opcode, RD
  answer[3] = 2;                                               // SERVFAIL
  answer[4] = 0;
  answer[5] = has_question ? 1 : 0;
  std::fill(answer.begin() + 6, answer.begin() + kHeaderSize, uint8_t{0});
  return answer;
}

DnsRelay::DnsRelay(asio::io_context& loop, const Limits& limits)
    : loop_(loop),
      limits_(limits),
      listening_(loop),
      acceptor_(loop),
      resolver_(loop),
      sweep_(loop),
      accept_again_(loop) {}

DnsRelay::~DnsRelay() = default;

Result<std::unique_ptr<DnsRelay>> DnsRelay::Listen(asio::io_context& loop,
                                                   const ListenAddress& where,
                                                   const Limits& limits) {
  std::unique_ptr<DnsRelay> relay(new DnsRelay(loop, limits));
  if (Result<void> open = relay->Open(where); !open) return open.error();
  relay->ReceiveQuery();
  relay->Accept();
  return relay;
}

Result<void> DnsRelay::Open(const ListenAddress& where) {
  const asio::ip::address address = asio::ip::make_address(where.address);
  error_code error;
  const tcp::endpoint tcp_endpoint(address, where.port);
  acceptor_.open(tcp_endpoint.protocol(), error);
  if (!error) acceptor_.set_option(asio::socket_base::reuse_address(true), error);
  if (!error) acceptor_.bind(tcp_endpoint, error);
  if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
  // With port 0, UDP takes the port that TCP was given.
  if (!error) port_ = acceptor_.local_endpoint(error).port();
  const udp::endpoint udp_endpoint(address, port_);
  if (!error) listening_.open(udp_endpoint.protocol(), error);
  if (!error) listening_.bind(udp_endpoint, error);
  if (!error) listening_.non_blocking(true, error);
  if (!error) return {};
  const bool ipv6 = address.is_v6();
  return Unavailable("cannot listen on " + (ipv6 ? "[" + where.address + "]" : where.address) +
                     ":" + std::to_string(where.port) + " (DNS): " + error.message());
}

void DnsRelay::SetUpstream(const probe::HostPort& upstream) {
  resolver_.cancel();
  resolver_.async_resolve(
      upstream.host, std::to_string(upstream.port),
      [this, upstream](error_code error, const udp::resolver::results_type& found) {
        if (error == asio::error::operation_aborted) return;
        if (error) {
          spdlog::warn("cannot look up the DNS server {}: {}", upstream.host, error.message());
          return;
        }
        UseUpstream(found.begin()->endpoint());
      });
}

void DnsRelay::UseUpstream(const udp::endpoint& upstream) {
  if (upstream_ == upstream) return;
  FailAll();
  if (upstream_socket_) upstream_socket_->close();
  upstream_socket_ = nullptr;
  auto socket = std::make_shared<udp::socket>(loop_);
  error_code error;
  socket->open(upstream.protocol(), error);
  if (!error) socket->connect(upstream, error);
  if (!error) socket->non_blocking(true, error);
  if (error) {
    spdlog::warn("cannot reach the DNS server {}: {}", upstream.address().to_string(),
                 error.message());
    return;
  }
  upstream_ = upstream;
  upstream_socket_ = std::move(socket);
  ReceiveAnswer();
}

void DnsRelay::ReceiveQuery() {
  listening_.async_receive_from(asio::buffer(query_), sender_,
                                [this](error_code error, size_t size) {
                                  if (error == asio::error::operation_aborted) return;
                                  if (!error) OnQuery(size);
                                  ReceiveQuery();
                                });
}

void DnsRelay::OnQuery(size_t size) {
  if (!IsQuery(query_.data(), size)) return;
  Pending pending;
  pending.client = sender_;
  pending.client_id = ReadId(query_.data());
  const size_t question_end = QuestionEnd(query_.data(), size);
  pending.head.assign(query_.data(),
                      query_.data() + (question_end != 0 ? question_end : kHeaderSize));
  pending.deadline = steady_clock::now() + limits_.answer_timeout;
  if (!upstream_socket_ || pending_.size() >= limits_.pending_queries) return SendServFail(pending);
  uint16_t id = 0;
  do {
    id = static_cast<uint16_t>(random_());
  } while (pending_.contains(id));
  WriteId(query_.data(), id);
  error_code error;
  upstream_socket_->send(asio::buffer(query_.data(), size), 0, error);
  // A refusal met here is that of an earlier query; this one has not been sent either way.
  if (error) return SendServFail(pending);
  pending_.emplace(id, std::move(pending));
  ArmSweep();
}

void DnsRelay::ReceiveAnswer() {
  upstream_socket_->async_receive(
      asio::buffer(answer_), [this, socket = upstream_socket_](error_code error, size_t size) {
        if (error == asio::error::operation_aborted || !socket->is_open()) return;
        if (error) {
          FailAll();  // nobody listens there: there is nothing to wait for
        } else {
          OnAnswer(size);
        }
        ReceiveAnswer();
      });
}

void DnsRelay::OnAnswer(size_t size) {
  if (size < kHeaderSize) return;
  const auto found = pending_.find(ReadId(answer_.data()));
  if (found == pending_.end()) return;
  WriteId(answer_.data(), found->second.client_id);
  error_code ignored;  // a client that is gone, or a full buffer: UDP may lose answers
  listening_.send_to(asio::buffer(answer_.data(), size), found->second.client, 0, ignored);
  pending_.erase(found);
}

void DnsRelay::SendServFail(const Pending& query) {
  const Message answer = ServFail(query.head.data(), query.head.size());
  error_code ignored;
  listening_.send_to(asio::buffer(answer), query.client, 0, ignored);
}

void DnsRelay::FailAll() {
  for (const auto& [id, query] : pending_) SendServFail(query);
  pending_.clear();
}

void DnsRelay::ArmSweep() {
  if (std::exchange(sweeping_, true)) return;
  sweep_.expires_after(kSweepInterval);
  sweep_.async_wait([this](error_code cancelled) {
    if (cancelled) return;
    const auto now = steady_clock::now();
    std::erase_if(pending_, [&](const auto& entry) {
      if (entry.second.deadline > now) return false;
      SendServFail(entry.second);
      return true;
    });
    sweeping_ = false;
    if (!pending_.empty()) ArmSweep();
  });
}

void DnsRelay::Accept() {
  acceptor_.async_accept([this](error_code error, tcp::socket client) {
    if (error == asio::error::operation_aborted) return;
    if (error) return AcceptLater();
    if (*open_connections_ < limits_.connections) {
      std::optional<tcp::endpoint> upstream;
      if (upstream_) upstream.emplace(upstream_->address(), upstream_->port());
      ServeDnsConnection(std::move(client), upstream, limits_, open_connections_);
    }
    Accept();
  });
}

void DnsRelay::AcceptLater() {
  accept_again_.expires_after(kSweepInterval);
  accept_again_.async_wait([this](error_code cancelled) {
    if (!cancelled) Accept();
  });
}

}  // namespace rollcall::agent
