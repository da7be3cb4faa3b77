// TcpSession: one client's connection. Queries may come one behind the other without waiting
// (RFC 7766 section 6.2.1.1) and are answered in their order, but for those that wait for
// recursors, which are answered when there is an answer (section 7). A client that for the idle
// timeout neither completes a query nor takes an answer is cut off; while answers wait to be taken,
// no further query is read, so that a client which does not read costs a bounded amount of memory.
// All on the thread that runs the socket's io_context.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "dns/responder.h"
#include "registry/base/ip_address.h"

namespace rollcall::dns {

class TcpSession : public std::enable_shared_from_this<TcpSession> {
 public:
  // `on_end` is called once, when the connection has ended by itself (not by Stop).
  // `responder` outlives the session until that or Stop, as does `answer_room`, where an answer of
  // kMaxMessageSize is written before it is sent: all sessions of a worker share it.
  TcpSession(boost::asio::ip::tcp::socket socket, Responder* responder,
             std::span<uint8_t> answer_room, std::function<void(TcpSession*)> on_end);

  void Start();
  // Closes the connection; nothing is called back after that.
  void Stop();

 private:
  void Read();
  void Write();
  // Does what comes next: answers, then writes, or reads on.
  void Proceed();
  // Answers the whole queries that have been read, as far as there is room for answers.
  void AnswerQueries();
  void Append(std::span<const uint8_t> answer);
  void AnswerLater(const std::shared_ptr<PendingAnswer>& pending);
  // The next whole query, or empty and false.
  bool NextQuery(std::span<const uint8_t>* query);
  void MakeRoom();
  void RestartIdleTimer();
  void End();

  boost::asio::ip::tcp::socket socket_;
  boost::asio::steady_timer idle_;
  Responder* const responder_;
  const std::span<uint8_t> answer_room_;
  IpAddress client_;
  std::function<void(TcpSession*)> on_end_;  // empty once the session has ended
  std::vector<uint8_t> input_;               // octets [begin_, end_) are still to be looked at
  size_t begin_ = 0;
  size_t end_ = 0;
  std::vector<uint8_t> output_;   // answers that are to be sent
  std::vector<uint8_t> sending_;  // those that are being sent
  size_t awaited_ = 0;            // answers that recursors are asked for
  bool reading_ = false;
  bool writing_ = false;
  bool answering_ = false;
  bool no_more_queries_ = false;
};

}  // namespace rollcall::dns
