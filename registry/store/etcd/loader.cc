#include "registry/store/etcd/loader.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <future>

namespace rollcall::store {

namespace pb = etcdserverpb;

namespace {

// etcd bounds an answer by a number of keys, not by bytes: the number follows the size of those
// that have come. For each page it looks at all keys that are left (about half a microsecond each),
// so pages are large and grow fast: pages of 4 MB made it work three times as long for 200,000 keys
// as one answer would.
constexpr int64_t kPageBytes = 16 << 20;
constexpr int64_t kFirstPage = 256;
constexpr int64_t kLargestPage = 100'000;
constexpr int64_t kGrowth = 64;

// Another endpoint would say the same.
bool IsFinal(const RpcStatus& status) {
  return status.ok() || IsPermissionDenied(status) || IsInvalid(status) || IsCompacted(status) ||
         IsFutureRevision(status) || IsAnswerTooLarge(status);
}

int64_t NextPageSize(int64_t size, int64_t keys, size_t bytes) {
  if (keys == 0) return size;
  const int64_t average = std::max<int64_t>(1, static_cast<int64_t>(bytes) / keys);
  return std::clamp<int64_t>(kPageBytes / average, 1, std::min(size * kGrowth, kLargestPage));
}

}  // namespace

EtcdLoader::~EtcdLoader() { DropClient(); }

void EtcdLoader::GoTo(size_t endpoint) {
  if (endpoint == endpoint_ && options_.endpoints.size() > 1) return;
  DropClient();
  endpoint_ = endpoint;
}

void EtcdLoader::DropClient() {
  // Shared: who waits goes on while set_value still runs.
  const auto dropped = std::make_shared<std::promise<void>>();
  boost::asio::post(*io_, [this, dropped] {
    client_.reset();
    dropped->set_value();
  });
  dropped->get_future().wait();
}

template <typename Request, typename Response>
std::pair<RpcStatus, Response> EtcdLoader::AskCurrent(
    void (EtcdChannel::*method)(const Request&, const RpcOptions&, RpcDone<Response>),
    const Request& request, std::chrono::milliseconds timeout) {
  // The loader is there until the io_context has nothing left to do for it, also when it does not
  // wait for the answer any more; this function is not.
  const auto taken = std::make_shared<std::optional<std::pair<RpcStatus, Response>>>();
  const auto answer = [this, taken](RpcStatus status, Response response) {
    const std::lock_guard lock(mutex_);
    taken->emplace(std::move(status), std::move(response));
    answered_.notify_one();
  };
  boost::asio::post(*io_, [this, method, request, timeout, answer] {
    if (client_) return client_->Call(method, request, timeout, RpcDone<Response>(answer));
    auto client = EtcdClient::Open(io_, options_, options_.endpoints[endpoint_]);
    if (!client) return answer({RpcCode::kInvalidArgument, client.error().message}, Response());
    client_ = *std::move(client);
    client_->Login([this, method, request, timeout, answer](const RpcStatus& status) {
      if (!status.ok()) return answer(status, Response());
      client_->Call(method, request, timeout, RpcDone<Response>(answer));
    });
  });
  std::unique_lock lock(mutex_);
  if (!answered_.wait(lock, given_up_, [&] { return taken->has_value(); })) {
    return {{RpcCode::kUnavailable, "given up"}, Response()};
  }
  return std::move(**taken);
}

template <typename Request, typename Response>
std::pair<RpcStatus, Response> EtcdLoader::Ask(
    void (EtcdChannel::*method)(const Request&, const RpcOptions&, RpcDone<Response>),
    const Request& request, std::chrono::milliseconds timeout) {
  std::string reasons;
  for (size_t tried = 0; tried < options_.endpoints.size(); ++tried) {
    auto answer = AskCurrent(method, request, timeout);
    if (IsFinal(answer.first)) return answer;
    const std::string reason = options_.endpoints[endpoint_].Text() + ": " + Describe(answer.first);
    reasons += (reasons.empty() ? "" : "; ") + reason;
    GoTo((endpoint_ + 1) % options_.endpoints.size());
  }
  return {{RpcCode::kUnavailable, "no member answers: " + reasons}, Response()};
}

Result<EtcdLoader::Loaded> EtcdLoader::Load(const SharedLog::KeySink& sink) {
  auto format = known_ ? FindFormat() : EnsureFormat();
  if (!format) return std::move(format).error();

  from_ = keys_.prefix();
  page_size_ = kFirstPage;
  auto page = NextPage(Index());
  if (!page) return std::move(page).error();
  const Index revision = page->revision;
  auto position = HeadAt(revision);
  if (!position) return std::move(position).error();
  while (page->more) {
    // While the sink is busy with this one.
    auto next = std::async(std::launch::async, [this, revision] { return NextPage(revision); });
    const bool more_wanted = sink(std::move(page->keys));
    page = next.get();
    if (!more_wanted) return Loaded{*std::move(position), *std::move(format)};
    if (!page) return std::move(page).error();
  }
  sink(std::move(page->keys));
  return Loaded{*std::move(position), *std::move(format)};
}

// A member that has been emptied, and is a cluster by itself now, must not be taken for the log.
// The log's number may have changed meanwhile, and even to one that is not known here.
Result<LogFormat> EtcdLoader::FindFormat() {
  pb::RangeRequest range;
  range.set_key(keys_.format());
  std::optional<std::pair<size_t, std::string>> other;
  std::string failures;  // of members that may hold it
  for (size_t tried = 0; tried < options_.endpoints.size(); ++tried) {
    const size_t here = endpoint_;
    const auto [status, found] = AskCurrent(&EtcdChannel::Range, range, options_.timeouts.dial);
    if (!status.ok()) {
      if (IsFinal(status)) return UnreachableError("etcd cannot be read", status);
      if (!failures.empty()) failures += "; ";
      failures += options_.endpoints[here].Text() + ": " + Describe(status);
    } else if (!found.kvs().empty()) {
      const std::string& text = found.kvs(0).value();
      if (text.ends_with(known_->uuid)) return LogFormat::Parse(text);
      if (!other) other = {here, text};
    }
    GoTo((here + 1) % options_.endpoints.size());
  }
  if (!failures.empty()) return Unavailable("etcd cannot be read: " + failures);
  if (!other) {
    return Corruption("etcd holds nothing under \"" + keys_.prefix() +
                      "\" any more; if it was emptied on purpose, restart this server");
  }
  GoTo(other->first);
  return LogFormat::Parse(other->second);
}

// A log is made only where nothing else is, and by one of those who try it at the same time.
Result<LogFormat> EtcdLoader::EnsureFormat() {
  pb::RangeRequest range;
  range.set_key(keys_.format());
  const auto [status, found] = Ask(&EtcdChannel::Range, range, options_.timeouts.dial);
  if (!status.ok()) return UnreachableError("etcd cannot be read", status);
  if (!found.kvs().empty()) return LogFormat::Parse(found.kvs(0).value());

  pb::TxnRequest txn;
  pb::Compare* const nothing = txn.add_compare();
  nothing->set_target(pb::Compare::CREATE);
  nothing->set_key(keys_.prefix());
  nothing->set_range_end(keys_.end());
  nothing->set_create_revision(0);
  pb::PutRequest* const put = txn.add_success()->mutable_request_put();
  put->set_key(keys_.format());
  put->set_value(new_log_.Text());
  *txn.add_failure()->mutable_request_range() = range;
  const auto [written, outcome] = Ask(&EtcdChannel::Txn, txn, options_.timeouts.dial);
  if (!written.ok()) return UnreachableError("etcd cannot be written to", written);
  if (outcome.succeeded()) return new_log_;
  if (outcome.responses().empty() || outcome.responses(0).response_range().kvs().empty()) {
    return InvalidArgument(
        "etcd has keys under \"" + keys_.prefix() +
        "\" that are not rollcall's: another prefix is needed (etcd://.../PREFIX)");
  }
  return LogFormat::Parse(outcome.responses(0).response_range().kvs(0).value());
}

Result<EtcdLoader::Page> EtcdLoader::NextPage(Index revision) {
  while (true) {
    pb::RangeRequest request;
    request.set_key(from_);
    request.set_range_end(keys_.end());
    request.set_limit(page_size_);
    request.set_revision(static_cast<int64_t>(revision.value()));
    auto [status, response] = Ask(&EtcdChannel::Range, request, options_.timeouts.page);
    if (IsAnswerTooLarge(status) && page_size_ > 1) {
      page_size_ = std::max<int64_t>(1, page_size_ / 4);
      continue;
    }
    if (!status.ok()) return UnreachableError("etcd cannot be read", status);
    Page page;
    page.revision = Index(static_cast<uint64_t>(response.header().revision()));
    if (auto taken = Take(std::move(response), &page); !taken) return std::move(taken).error();
    return page;
  }
}

Result<void> EtcdLoader::Take(pb::RangeResponse response, Page* page) {
  page->more = response.more();
  if (page->more && response.kvs().empty()) return Corruption("etcd answered with an empty page");
  page_size_ = NextPageSize(page_size_, response.kvs_size(), response.ByteSizeLong());
  for (mvccpb::KeyValue& kv : *response.mutable_kvs()) {
    const auto key = keys_.Short(kv.key());
    if (!key || kv.key() < from_) return Corruption("etcd answered with keys out of order");
    from_ = kv.key() + '\0';
    if (EtcdKeys::IsHead(*key) || EtcdKeys::IsFormat(*key)) continue;
    page->keys.push_back({std::string(*key), std::move(*kv.mutable_value()),
                          Index(static_cast<uint64_t>(kv.mod_revision()))});
  }
  return {};
}

Result<Position> EtcdLoader::HeadAt(Index revision) {
  pb::RangeRequest request;
  request.set_key(keys_.head());
  request.set_revision(static_cast<int64_t>(revision.value()));
  auto [status, response] = Ask(&EtcdChannel::Range, request, options_.timeouts.page);
  if (!status.ok()) return UnreachableError("etcd cannot be read", status);
  Position position{.revision = revision, .head = {}, .token = {}};
  if (!response.kvs().empty()) {
    mvccpb::KeyValue& head = *response.mutable_kvs(0);
    position.head = Index(static_cast<uint64_t>(head.mod_revision()));
    position.token = std::move(*head.mutable_value());
  }
  return position;
}

}  // namespace rollcall::store
