// Forwarder: asks the configured recursors what is outside of our domains, and gives back what they
// answer. One worker's: use, Stop and destroy it on the thread that runs the io_context, or while
// that does not run. The counters may be read by any thread as long as the forwarder exists.
//
// The servers are asked one after the other, each once, until one has answered: one that is silent
// for the timeout, unreachable, or answers FORMERR, SERVFAIL, NOTIMP, REFUSED or BADVERS is
// followed by the next. RecursorHealth says which is the first. A query ends after at most twice
// the timeout (UDP, then TCP) times the number of servers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <span>

#include "dns/forwarded_message.h"
#include "dns/random_source.h"
#include "dns/recursor_health.h"
#include "dns/recursor_options.h"
#include "dns/upstream_exchange.h"
#include "registry/base/clock.h"
#include "registry/base/counter.h"

namespace rollcall::dns {

struct ForwarderCounters {
  Counter forwarded;     // queries that were sent on
  Counter answered;      // of them, given a server's answer, be it an error
  Counter failed;        // of them, answered by no server
  Counter refused_busy;  // not sent on, too many being in flight
  Counter timeouts;      // servers that did not answer in time
  Counter tcp_retries;   // answers with TC, asked for again over TCP
};

class Forwarder {
 public:
  // The octets are valid until the call returns.
  using OnAnswer = std::function<void(std::span<const uint8_t> answer)>;

  // `io` and `clock` outlive the forwarder.
  Forwarder(boost::asio::io_context* io, RecursorOptions options, const Clock* clock,
            RandomSource random = MakeKernelRandom());
  ~Forwarder();
  Forwarder(const Forwarder&) = delete;
  Forwarder& operator=(const Forwarder&) = delete;

  // `query` is a whole query that ParseQuestion takes without complaint; it is copied.
  // `on_answer` is called once: with the answer as MakeClientAnswer makes it, which may be longer
  // than the client takes (TruncateForwarded); with the last error where there were only errors;
  // with nothing where no server answered. When too many are in flight it is called with nothing
  // before this returns, otherwise never so early unless there is no server at all. It may call
  // Forward and Stop, and may destroy the forwarder.
  void Forward(std::span<const uint8_t> query, OnAnswer on_answer);

  // Closes all sockets; nothing is called back any more, for queries of later calls neither. Any
  // number of times.
  void Stop();

  size_t in_flight() const { return pending_.size(); }
  const ForwarderCounters& counters() const { return counters_; }

 private:
  struct Pending;
  using PendingList = std::list<Pending>;

  void AskNextServer(PendingList::iterator pending);
  // False when all have been asked.
  bool StartNextExchange(PendingList::iterator pending);
  void OnExchangeEnd(PendingList::iterator pending, UpstreamOutcome outcome,
                     std::span<const uint8_t> octets);
  // `answer` is no part of `pending`. The forwarder may be gone afterwards.
  void Finish(PendingList::iterator pending, std::span<const uint8_t> answer);

  const RecursorOptions options_;
  const Clock* const clock_;
  UpstreamResources resources_;
  RecursorHealth health_;
  ForwarderCounters counters_;
  PendingList pending_;
  bool stopped_ = false;
};

}  // namespace rollcall::dns
