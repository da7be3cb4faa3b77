// EtcdLoader: reads a whole log out of etcd, as it was at one revision, page by page; makes it when
// there is none. Blocks; called on a thread that does not run the io_context, which must run. While
// the sink has a page, a thread of the loader's own waits for the next one.
#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "registry/store/etcd/client.h"
#include "registry/store/etcd/keys.h"
#include "registry/store/etcd/log_format.h"
#include "registry/store/shared_log.h"

namespace rollcall::store {

class EtcdLoader {
 public:
  struct Loaded {
    Position position;
    LogFormat format;
  };

  // `known`: the log that has been followed until now; a member that holds it is preferred, and no
  // log is made in its place. `new_log`: what a log that is made is called. `given_up`: nobody
  // waits for etcd any more then.
  EtcdLoader(std::shared_ptr<boost::asio::io_context> io, const EtcdOptions& options,
             std::optional<LogFormat> known, LogFormat new_log, std::stop_token given_up)
      : io_(std::move(io)),
        options_(options),
        keys_(options.prefix),
        known_(std::move(known)),
        new_log_(std::move(new_log)),
        given_up_(std::move(given_up)) {}
  ~EtcdLoader();
  EtcdLoader(const EtcdLoader&) = delete;
  EtcdLoader& operator=(const EtcdLoader&) = delete;

  // As of SharedLog::Load.
  Result<Loaded> Load(const SharedLog::KeySink& sink);

 private:
  struct Page {
    std::vector<KeyValue> keys;
    Index revision;
    bool more = false;
  };

  // Of the log that is known, or else of another one that is there.
  Result<LogFormat> FindFormat();
  Result<LogFormat> EnsureFormat();
  void GoTo(size_t endpoint);
  Result<Page> NextPage(Index revision);
  Result<void> Take(etcdserverpb::RangeResponse response, Page* page);
  Result<Position> HeadAt(Index revision);

  // By way of the first endpoint that answers, from the last one that did on.
  template <typename Request, typename Response>
  std::pair<RpcStatus, Response> Ask(void (EtcdChannel::*method)(const Request&, const RpcOptions&,
                                                                 RpcDone<Response>),
                                     const Request& request, std::chrono::milliseconds timeout);
  template <typename Request, typename Response>
  std::pair<RpcStatus, Response> AskCurrent(
      void (EtcdChannel::*method)(const Request&, const RpcOptions&, RpcDone<Response>),
      const Request& request, std::chrono::milliseconds timeout);
  void DropClient();

  const std::shared_ptr<boost::asio::io_context> io_;
  const EtcdOptions options_;
  const EtcdKeys keys_;
  const std::optional<LogFormat> known_;
  const LogFormat new_log_;
  const std::stop_token given_up_;
  size_t endpoint_ = 0;
  // Of an answer that is waited for.
  std::mutex mutex_;
  std::condition_variable_any answered_;
  std::unique_ptr<EtcdClient> client_;  // touched on the io_context's thread alone
  // Of the thread that waits for a page.
  std::string from_;       // where the next page begins
  int64_t page_size_ = 0;  // keys in it
};

}  // namespace rollcall::store
