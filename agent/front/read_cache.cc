#include "agent/front/read_cache.h"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <string_view>
#include <utility>

#include "api/http/conditional.h"
#include "registry/base/ascii.h"

namespace rollcall::front {

using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

// What the registry's answer may depend on beyond the target; the rest of a reader's fields is its
// own matter.
constexpr std::string_view kAskedWith[] = {"authorization", "x-consul-token", "x-consul-namespace",
                                           "x-consul-partition"};
// About what an entry takes beside its texts.
constexpr size_t kEntryBytes = 1024;
constexpr int kJitterPart = 16;  // as the registry's

std::vector<HeaderField> AskedWith(const http::Request& request) {
  std::vector<HeaderField> fields;
  for (const http::NamedValue& field : request.headers()) {
    const bool counts =
        std::any_of(std::begin(kAskedWith), std::end(kAskedWith),
                    [&](std::string_view name) { return EqualsIgnoreCase(field.name, name); });
    if (counts) fields.push_back({AsciiLower(field.name), std::string(field.value)});
  }
  return fields;
}

// Neither names nor values have line ends in them.
std::string KeyOf(const std::string& target, const std::vector<HeaderField>& fields) {
  std::string key = target;
  for (const HeaderField& field : fields) {
    key.append("\n").append(field.name).append(":").append(field.value);
  }
  return key;
}

}  // namespace

struct ReadCache::Reader {
  Reader(std::shared_ptr<http::Exchange> its_exchange, const Patience& its_patience,
         const CacheControl& its_control)
      : exchange(std::move(its_exchange)),
        patience(its_patience),
        control(its_control),
        timer(exchange->loop()) {}

  const std::shared_ptr<http::Exchange> exchange;
  const Patience patience;
  const CacheControl control;
  boost::asio::steady_timer timer;
  // How many fetches have to end before it may be answered: one that began before the reader came
  // does not count for one that asks for revalidation.
  int fetches_needed = 0;
  bool was_fetched = false;  // what it is answered with
  bool is_late = false;      // its time is over: what there is will do
};

struct ReadCache::Entry {
  std::string key;
  std::shared_ptr<KeptRead> read;
  Readers readers;
  Clock::TimePoint last_read;
  std::list<Entry*>::iterator by_use;
  size_t bytes = 0;

  bool IsDue(const Reader& reader) const {
    return read->answer() != nullptr && reader.fetches_needed == 0 &&
           (reader.is_late || reader.patience.index == 0 ||
            reader.patience.index != read->answer()->index);
  }
  // Takes out those for whom `is_done` holds.
  template <typename IsDone>
  Readers Take(IsDone is_done) {
    Readers taken;
    const auto keep = std::stable_partition(readers.begin(), readers.end(),
                                            [&](const auto& each) { return !is_done(*each); });
    std::move(keep, readers.end(), std::back_inserter(taken));
    readers.erase(keep, readers.end());
    return taken;
  }
};

ReadCache::ReadCache(boost::asio::io_context& loop, const Clock& clock,
                     std::function<double()> random, Upstream& upstream, const Options& options,
                     PassThrough pass_through)
    : options_(options),
      tools_{loop, clock, std::move(random), upstream, options.read},
      pass_through_(std::move(pass_through)) {}

ReadCache::~ReadCache() {
  for (const auto& [key, entry] : entries_) entry->read->Stop();
}

void ReadCache::Answer(const std::shared_ptr<http::Exchange>& exchange, const std::string& target,
                       const Patience& patience, const CacheControl& control) {
  const auto entry = EnsureEntry(exchange->request(), target);
  if (entry->read->answer() == nullptr) {
    const Readers homeless = DropBeyondLimits(entry);
    for (const auto& reader : homeless) pass_through_(reader->exchange);
    if (!IsHere(*entry)) return pass_through_(exchange);
  }
  const auto reader = std::make_shared<Reader>(exchange, patience, control);
  if (entry->read->answer() == nullptr || !IsFreshEnough(*entry, control)) {
    const bool began_before = entry->read->is_refreshing();
    reader->fetches_needed = began_before && control.must_revalidate ? 2 : 1;
    Wait(entry, reader);
    return entry->read->Refresh();
  }
  if (entry->IsDue(*reader)) return Respond(*entry, *reader);
  Wait(entry, reader);
}

std::shared_ptr<ReadCache::Entry> ReadCache::EnsureEntry(const http::Request& request,
                                                         const std::string& target) {
  UpstreamRequest read{.target = target, .headers = AskedWith(request)};
  // Under the token that it is read with, whosever that is: what one may see is not another's.
  AddToken(&read, tools_.upstream.token());
  std::string key = KeyOf(target, read.headers);
  std::shared_ptr<Entry>& entry = entries_[key];
  if (entry == nullptr) {
    entry = std::make_shared<Entry>();
    entry->key = std::move(key);
    entry->by_use = by_use_.insert(by_use_.end(), entry.get());
    read.headers.push_back({"accept-encoding", "identity"});
    const std::weak_ptr<Entry> weak = entry;
    // Called while it is in entries_ alone: Drop stops it.
    entry->read = std::make_shared<KeptRead>(
        tools_, std::move(read),
        KeptRead::Listener{
            .on_kept = [this, weak] { OnKept(weak.lock()); },
            .on_failure = [this, weak](const Error& error) { OnFailure(weak.lock(), error); },
            .on_other = [this, weak](const UpstreamReply& reply) { OnOther(weak.lock(), reply); }});
    Count(*entry);
  }
  entry->last_read = tools_.clock.Now();
  by_use_.splice(by_use_.end(), by_use_, entry->by_use);
  return entry;
}

void ReadCache::Wait(const std::shared_ptr<Entry>& entry, const std::shared_ptr<Reader>& reader) {
  entry->readers.push_back(reader);
  const std::weak_ptr<Entry> weak_entry = entry;
  const std::weak_ptr<Reader> weak_reader = reader;
  const auto leave = [weak_entry, weak_reader] {
    const auto here = weak_entry.lock();
    const auto gone = weak_reader.lock();
    if (here && gone) std::erase(here->readers, gone);
  };
  reader->exchange->OnClosed(leave);
  const auto expire = [this, weak_entry, weak_reader] {
    const auto here = weak_entry.lock();
    const auto late = weak_reader.lock();
    if (here && late) AnswerWithWhatThereIs(*here, late);
  };
  reader->exchange->OnShutdown(expire);
  if (reader->patience.index == 0) return;
  const milliseconds wait = reader->patience.wait;
  const auto jitter =
      std::chrono::duration_cast<milliseconds>(wait / kJitterPart * tools_.random());
  reader->timer.expires_after(wait + jitter);
  reader->timer.async_wait([expire, weak_reader](boost::system::error_code cancelled) {
    const auto late = weak_reader.lock();
    if (cancelled || !late) return;
    late->is_late = true;
    // Without the wait the registry would have been asked all the same.
    if (late->fetches_needed == 0) expire();
  });
}

void ReadCache::AnswerWithWhatThereIs(Entry& entry, const std::shared_ptr<Reader>& reader) {
  if (std::erase(entry.readers, reader) == 0) return;
  const bool is_good = entry.read->answer() != nullptr && reader->fetches_needed == 0 &&
                       (entry.read->is_current() || MayBeStale(entry, reader->control));
  if (is_good) return Respond(entry, *reader);
  const std::string& why = entry.read->last_error();
  reader->exchange->Respond(
      ResponseOf(Unavailable(why.empty() ? "the registry has not answered yet" : why)));
}

void ReadCache::Respond(const Entry& entry, Reader& reader) {
  const KeptAnswer& answer = *entry.read->answer();
  http::Response response;
  if (!answer.etag.empty() && http::MatchesIfNoneMatch(reader.exchange->request(), answer.etag)) {
    response.status = 304;
  } else {
    response.body = answer.body;
  }
  response.header_block = answer.header_block;
  if (reader.was_fetched) {
    response.AddHeader("X-Cache", "MISS");
    counters_.misses.Add();
  } else {
    response.AddHeader("X-Cache", "HIT");
    counters_.hits.Add();
    response.AddHeader("Age", std::to_string(entry.read->Age().count()));
  }
  reader.timer.cancel();
  reader.exchange->Respond(std::move(response));
}

// Answering a reader may bring its next request at once, so each of these first takes those who
// are to be answered out of what is kept.

void ReadCache::OnKept(const std::shared_ptr<Entry>& entry) {
  bool refresh_again = false;
  // Readers who need a fetch are there only while there is one: when none is under way, it is the
  // one that has just ended.
  const bool is_fetch = !entry->read->is_refreshing();
  for (const auto& reader : entry->readers) {
    if (!is_fetch || reader->fetches_needed == 0) continue;
    reader->was_fetched = --reader->fetches_needed == 0;
    refresh_again = refresh_again || reader->fetches_needed > 0;
  }
  const Readers due = entry->Take([&](const Reader& reader) { return entry->IsDue(reader); });
  for (const auto& reader : entry->readers) reader->was_fetched = false;
  if (refresh_again) entry->read->Refresh();
  Count(*entry);
  Readers homeless = DropBeyondLimits(entry);
  if (IsIdle(*entry)) Drop(*entry);
  for (const auto& reader : due) Respond(*entry, *reader);
  for (const auto& reader : homeless) pass_through_(reader->exchange);
}

void ReadCache::OnFailure(const std::shared_ptr<Entry>& entry, const Error& error) {
  const bool has_answer = entry->read->answer() != nullptr;
  const Readers failed = entry->Take([&](Reader& reader) {
    if (reader.fetches_needed == 0) return false;
    if (!has_answer || !MayBeStale(*entry, reader.control)) return true;
    reader.fetches_needed = 0;
    return false;
  });
  const Readers due = entry->Take([&](const Reader& reader) { return entry->IsDue(reader); });
  if (!has_answer || (IsIdle(*entry) && entry->read->Age() > options_.stale_if_error)) Drop(*entry);
  for (const auto& reader : due) Respond(*entry, *reader);
  for (const auto& reader : failed) {
    reader->timer.cancel();
    reader->exchange->Respond(ResponseOf(error));
  }
}

void ReadCache::OnOther(const std::shared_ptr<Entry>& entry, const UpstreamReply& reply) {
  for (const auto& reader : Drop(*entry)) {
    reader->timer.cancel();
    reader->exchange->Respond(ResponseOf(reply));
  }
}

bool ReadCache::IsFreshEnough(const Entry& entry, const CacheControl& control) const {
  if (control.must_revalidate) return false;
  if (entry.read->is_current()) return true;
  const seconds limit =
      control.max_age ? *control.max_age : control.stale_if_error.value_or(options_.stale_if_error);
  return entry.read->Age() <= limit;
}

bool ReadCache::MayBeStale(const Entry& entry, const CacheControl& control) const {
  if (control.stale_if_error) return entry.read->Age() <= *control.stale_if_error;
  // Who asks for freshness and allows nothing else is told that there is none, as in Consul.
  if (control.must_revalidate || control.max_age) return false;
  return entry.read->Age() <= options_.stale_if_error;
}

bool ReadCache::IsIdle(const Entry& entry) const {
  return entry.readers.empty() && tools_.clock.Now() - entry.last_read > options_.idle;
}

bool ReadCache::IsHere(const Entry& entry) const {
  const auto place = entries_.find(entry.key);
  return place != entries_.end() && place->second.get() == &entry;
}

void ReadCache::Count(Entry& entry) {
  bytes_ -= entry.bytes;
  entry.bytes = kEntryBytes + 3 * entry.key.size();  // in the map, in the entry, in the request
  if (const KeptAnswer* answer = entry.read->answer()) {
    entry.bytes += answer->header_block.size() + answer->body->bytes().size();
  }
  bytes_ += entry.bytes;
}

ReadCache::Readers ReadCache::Drop(Entry& entry) {
  if (!IsHere(entry)) return {};
  entry.read->Stop();
  bytes_ -= entry.bytes;
  by_use_.erase(entry.by_use);
  Readers readers = std::exchange(entry.readers, {});
  entries_.erase(entry.key);  // whoever calls holds the entry
  return readers;
}

ReadCache::Readers ReadCache::DropBeyondLimits(const std::shared_ptr<Entry>& newest) {
  Readers homeless;
  const auto drop = [&](Entry& entry) {
    const std::shared_ptr<Entry> held = entries_.at(entry.key);
    Readers readers = Drop(entry);
    for (const auto& reader : readers) reader->timer.cancel();
    homeless.insert(homeless.end(), readers.begin(), readers.end());
  };
  // One that cannot be kept beside nothing else does not push out the others.
  if (newest->bytes > options_.max_bytes) drop(*newest);
  while (bytes_ > options_.max_bytes || entries_.size() > options_.max_reads) {
    drop(*by_use_.front());
  }
  return homeless;
}

}  // namespace rollcall::front
