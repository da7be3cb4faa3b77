// Liveness: notices that a server hangs on which reads wait, which is silent by right, by asking it
// something cheap.
// The loop's thread. It is its Upstream's.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <memory>
#include <vector>

namespace rollcall::front {

class Upstream;

class Liveness {
 public:
  explicit Liveness(Upstream& upstream);

  // A read begins, or ceases, to wait at that server.
  void Add(size_t server);
  void Remove(size_t server);

 private:
  struct Watched {
    size_t reads = 0;
    bool is_asked = false;  // its answer is awaited
    std::shared_ptr<boost::asio::steady_timer> timer;
  };

  void ProbeWithin(size_t server, std::chrono::milliseconds time);
  void Probe(size_t server);

  Upstream& upstream_;
  std::vector<Watched> watched_;  // one for each server
};

}  // namespace rollcall::front
