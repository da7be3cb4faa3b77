#include "agent/parked_reads.h"

#include <boost/asio/steady_timer.hpp>
#include <string>
#include <utility>
#include <vector>

namespace rollcall::agent {
namespace {

// Each is looked at after each change of the local state.
constexpr size_t kMaxParked = 1000;

}  // namespace

struct ParkedReads::Parked {
  std::shared_ptr<http::Exchange> exchange;
  Read read;
  boost::asio::steady_timer deadline;
};

ParkedReads::ParkedReads() = default;
ParkedReads::~ParkedReads() = default;

void ParkedReads::Answer(const std::shared_ptr<http::Exchange>& exchange, Read read) {
  if (read.wait.count() <= 0 || read.has_changed()) return read.answer(exchange);
  if (parked_.size() >= kMaxParked) {
    return exchange->Respond(http::TextResponse(
        429, "Too many requests wait for a change: " + std::to_string(kMaxParked)));
  }
  const auto parked = std::make_shared<Parked>(
      Parked{exchange, std::move(read), boost::asio::steady_timer(exchange->loop())});
  parked_.insert(parked);
  // Handlers that come after the answer find nobody.
  const std::weak_ptr<Parked> weak = parked;
  parked->deadline.expires_after(parked->read.wait);
  parked->deadline.async_wait([this, weak](boost::system::error_code cancelled) {
    if (!cancelled) Respond(weak);
  });
  exchange->OnClosed([this, weak] { parked_.erase(weak.lock()); });
  exchange->OnShutdown([this, weak] { Respond(weak); });
}

void ParkedReads::OnChange() {
  const std::vector<std::shared_ptr<Parked>> all(parked_.begin(), parked_.end());
  for (const auto& parked : all) {
    if (parked->read.has_changed()) Respond(parked);
  }
}

void ParkedReads::Respond(const std::weak_ptr<Parked>& parked) {
  const std::shared_ptr<Parked> held = parked.lock();
  if (held == nullptr || parked_.erase(held) == 0) return;
  held->read.answer(held->exchange);
}

}  // namespace rollcall::agent
