// UpstreamCall: one request on its way through the servers, to its one answer. upstream.h has the
// rules. The loop's thread; its Upstream owns it and ends it before it goes itself.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "agent/front/server_connection.h"
#include "agent/front/server_pool.h"
#include "agent/front/upstream.h"

namespace rollcall::front {

class UpstreamCall : public std::enable_shared_from_this<UpstreamCall> {
 public:
  struct Plan {
    size_t first_server = 0;
    size_t server_count = 1;  // how many are asked at the most
    StepTimes times;
    bool asks_a_second = false;  // when the first is slow
    Upstream::Purpose purpose = Upstream::Purpose::kRequest;
  };

  UpstreamCall(Upstream& upstream, UpstreamRequest request, const Plan& plan,
               Upstream::Callback callback);

  void Start();
  // Without an answer.
  void End();
  // The server is known to answer nothing; a read that waits there goes on elsewhere.
  void OnServerSilent(size_t server);

  bool WaitsLong() const { return request_->wait.count() > 0; }
  size_t place = 0;  // for its Upstream

 private:
  using SteadyTime = std::chrono::steady_clock::time_point;

  struct Attempt {
    size_t server;
    SteadyTime begun;
    ServerPool::Lease connection;
  };

  bool is_over() const { return callback_ == nullptr; }
  bool HasNext() const { return asked_ < plan_.server_count; }
  void AskNext();
  void AskServer(size_t server, ServerPool::From from);
  ServerPool::Use UseOfConnection() const;
  void ArmSecond();
  void OnOutcome(const std::shared_ptr<Attempt>& attempt, ServerConnection::Outcome outcome);
  void OnReply(size_t server, UpstreamReply reply);
  void OnFailure(size_t server, SteadyTime begun, const Failure& failure);
  // One that has waited for long has not failed at the other servers just now: they may be asked
  // again, for what is left of the time.
  void ForgetLongAgo(SteadyTime begun);
  bool MayGoOn(const Failure& failure) const;
  Error FinalError(Failure::Kind last) const;
  void Finish(Result<UpstreamReply> result);
  void EndAttempts();

  Upstream& upstream_;
  std::shared_ptr<const UpstreamRequest> request_;
  const Plan plan_;
  Upstream::Callback callback_;  // null once it is over
  size_t next_server_;
  size_t asked_ = 0;
  std::vector<std::shared_ptr<Attempt>> attempts_;  // two at the most
  boost::asio::steady_timer second_;
  bool may_be_done_ = false;           // a server may have received what is no read
  std::vector<std::string> failures_;  // "http://a:8500: connection refused"
};

}  // namespace rollcall::front
