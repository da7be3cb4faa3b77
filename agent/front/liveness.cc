#include "agent/front/liveness.h"

#include <algorithm>

#include "agent/front/upstream.h"

namespace rollcall::front {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

Liveness::Liveness(Upstream& upstream) : upstream_(upstream) {
  for (size_t i = 0; i < upstream.servers_.size(); ++i) {
    watched_.push_back({.timer = std::make_shared<boost::asio::steady_timer>(upstream.loop_)});
  }
}

void Liveness::Add(size_t server) {
  ++watched_[server].reads;
  // A server that has just answered is not asked for each read that comes; one that has been silent
  // for longer is, so that the read is not its first sign.
  const milliseconds fresh = upstream_.options_.probe_interval / 4;
  const bool is_fresh = steady_clock::now() - upstream_.servers_[server]->last_answer < fresh;
  ProbeWithin(server, is_fresh ? fresh : milliseconds(0));
}

void Liveness::Remove(size_t server) {
  if (--watched_[server].reads == 0) watched_[server].timer->cancel();
}

void Liveness::ProbeWithin(size_t server, milliseconds time) {
  Watched& watched = watched_[server];
  if (watched.is_asked) return;
  const auto due = steady_clock::now() + time;
  boost::asio::steady_timer& timer = *watched.timer;
  const bool is_armed = timer.expiry() > steady_clock::now();
  if (is_armed && watched.reads > 1 && timer.expiry() <= due) return;
  timer.expires_at(due);
  timer.async_wait(
      [this, server, here = std::weak_ptr(watched.timer)](boost::system::error_code cancelled) {
        if (!cancelled && !here.expired()) Probe(server);
      });
}

void Liveness::Probe(size_t server) {
  Watched& watched = watched_[server];
  if (watched.reads == 0 || watched.is_asked) return;
  watched.is_asked = true;
  upstream_.Probe(server, [this, server](bool answers) {
    watched_[server].is_asked = false;
    if (!answers) upstream_.OnSilent(server);
    if (watched_[server].reads > 0) ProbeWithin(server, upstream_.options_.probe_interval);
  });
}

}  // namespace rollcall::front
