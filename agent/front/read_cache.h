// ReadCache: answers ?cached reads of this host's programs (Consul's agent caching, with background
// refresh). What it may say:
//   - X-Cache: MISS  the registry was asked for this one;
//   - X-Cache: HIT   with Age: seconds since the answer was last known to be the registry's; 0 as
//                    long as it is being watched;
//   - what the registry says, when that is nothing to keep: an error, or a read that never blocks;
//   - 503            no server can be reached, and what is kept is too old for this reader.
// A reader that blocks (?index) waits here. It is answered when the index of what is kept is
// another one than its own: also a lower one, of a registry that has begun anew.
//
// Bounded: beyond its limits what was read longest ago goes first. Takes nothing before it is used.
// The loop's thread. The exchanges that it has not answered end with it.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "agent/front/cache_control.h"
#include "agent/front/kept_read.h"
#include "agent/front/messages.h"
#include "agent/front/upstream.h"
#include "api/http/exchange.h"
#include "registry/base/counter.h"

namespace rollcall::front {

class ReadCache {
 public:
  struct Options {
    size_t max_bytes = 16 * 1024 * 1024;
    size_t max_reads = 1'000;  // each has a connection to a server
    // How old an answer may be when no server can be reached, for a reader that does not say.
    std::chrono::seconds stale_if_error = std::chrono::hours(24);
    // What nobody has read for so long is not watched any more.
    std::chrono::seconds idle = std::chrono::minutes(10);
    KeptRead::Options read;
  };
  // Answers without the cache.
  using PassThrough = std::function<void(const std::shared_ptr<http::Exchange>&)>;

  ReadCache(boost::asio::io_context& loop, const Clock& clock, std::function<double()> random,
            Upstream& upstream, const Options& options, PassThrough pass_through);
  ~ReadCache();
  ReadCache(const ReadCache&) = delete;
  ReadCache& operator=(const ReadCache&) = delete;

  // Answers now or later. `target` is that of the read itself: without ?cached, ?index and ?wait.
  void Answer(const std::shared_ptr<http::Exchange>& exchange, const std::string& target,
              const Patience& patience, const CacheControl& control);

  size_t bytes() const { return bytes_; }
  size_t read_count() const { return entries_.size(); }

  struct Counters {
    Counter hits;    // answers with X-Cache: HIT
    Counter misses;  // and with MISS
  };
  const Counters& counters() const { return counters_; }

 private:
  struct Reader;
  struct Entry;
  using Readers = std::vector<std::shared_ptr<Reader>>;

  std::shared_ptr<Entry> EnsureEntry(const http::Request& request, const std::string& target);
  void Wait(const std::shared_ptr<Entry>& entry, const std::shared_ptr<Reader>& reader);
  void AnswerWithWhatThereIs(Entry& entry, const std::shared_ptr<Reader>& reader);
  void Respond(const Entry& entry, Reader& reader);

  void OnKept(const std::shared_ptr<Entry>& entry);
  void OnFailure(const std::shared_ptr<Entry>& entry, const Error& error);
  void OnOther(const std::shared_ptr<Entry>& entry, const UpstreamReply& reply);

  bool IsFreshEnough(const Entry& entry, const CacheControl& control) const;
  bool MayBeStale(const Entry& entry, const CacheControl& control) const;
  bool IsIdle(const Entry& entry) const;
  bool IsHere(const Entry& entry) const;
  void Count(Entry& entry);
  // Takes it out; its readers, who wait for something that is not kept, are the caller's.
  Readers Drop(Entry& entry);
  // What has to go so that the rest is within the limits, `newest` at last.
  Readers DropBeyondLimits(const std::shared_ptr<Entry>& newest);

  const Options options_;
  const KeptRead::Tools tools_;
  const PassThrough pass_through_;
  std::map<std::string, std::shared_ptr<Entry>> entries_;
  std::list<Entry*> by_use_;  // the one that was read last is the last
  size_t bytes_ = 0;
  Counters counters_;
};

}  // namespace rollcall::front
