// UpstreamExchange: one query to one server and its answer, over UDP and, when the answer does not
// fit there, again over TCP (RFC 7766 section 5). From a socket and, for UDP, a random port of its
// own (RFC 5452 section 9.2). What is no answer to the query is ignored.
// All on the thread that runs the io_context. It keeps itself alive until it has ended.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "dns/random_source.h"
#include "dns/recursor_address.h"

namespace boost::asio {
class io_context;
}

namespace rollcall::dns {

// What the exchanges of one worker share.
struct UpstreamResources {
  boost::asio::io_context* io;
  RandomSource random;
  std::chrono::milliseconds timeout;  // of each: UDP and TCP
  std::vector<uint8_t> datagram;      // room for what is being received
};

enum class UpstreamOutcome : uint8_t {
  kAnswer,
  kTimeout,
  kUnreachable,  // nobody listens there, no way leads there, or we have no socket left
};

class UpstreamExchange : public std::enable_shared_from_this<UpstreamExchange> {
 public:
  // The octets are those of an answer (KindOfAnswer: not kNone), else empty, and valid until the
  // call returns. An answer over UDP that is kTruncated is what TCP failed to complete.
  using OnEnd = std::function<void(UpstreamOutcome, std::span<const uint8_t>)>;

  // `query` is as MakeUpstreamQuery makes it. `resources` outlive the exchange until it has ended
  // or was stopped.
  UpstreamExchange(UpstreamResources* resources, const RecursorAddress& server,
                   std::vector<uint8_t> query, OnEnd on_end);

  // `on_end` is called once, and never before Start has returned.
  void Start();
  // Closes the sockets; nothing is called back after that.
  void Stop();

  bool used_tcp() const { return !truncated_.empty(); }

 private:
  using udp = boost::asio::ip::udp;
  using tcp = boost::asio::ip::tcp;

  bool SendOverUdp();
  void BindToRandomPort();
  void AwaitDatagrams();
  void OnDatagrams();
  void AskOverTcp();
  void WriteTcpQuery();
  void ReadTcpLength();
  void ReadTcpAnswer(size_t size);
  // Ends it with what came over UDP.
  void GiveUpTcp();
  void RestartTimer();
  void End(UpstreamOutcome outcome, std::span<const uint8_t> answer);

  UpstreamResources* const resources_;
  const udp::endpoint server_;
  const std::vector<uint8_t> query_;
  OnEnd on_end_;  // empty once the exchange has ended
  udp::socket udp_;
  tcp::socket tcp_;
  boost::asio::steady_timer timer_;
  std::vector<uint8_t> truncated_;   // the answer over UDP that had TC
  std::vector<uint8_t> tcp_octets_;  // what is being written or read
};

}  // namespace rollcall::dns
