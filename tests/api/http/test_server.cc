#include "tests/api/http/test_server.h"

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <future>
#include <stdexcept>
#include <utility>

#include "tests/api/http/raw_client.h"
#include "tests/e2e/harness/certificates.h"

namespace rollcall::http {
namespace {

void Echo(const std::shared_ptr<Exchange>& exchange) {
  const Request& request = exchange->request();
  std::string text(request.PathParameter("rest"));
  text.append("|");
  for (const NamedValue& parameter : request.query()) {
    text.append(parameter.name).append("=").append(parameter.value).append(",");
  }
  exchange->Respond(TextResponse(200, text.append("|").append(request.remote_address())));
}

// Of the whole process.
const TlsFiles& OwnFiles() {
  static const e2e::TempDir kDirectory;
  static const e2e::KeyPair kPair = e2e::Authority(kDirectory).SignServer();
  static const TlsFiles kFiles{kPair.certificate, kPair.key, "", false};
  return kFiles;
}

}  // namespace

TestServer::TestServer(const Limits& limits)
    : TestServer(kOverTls ? OwnFiles() : TlsFiles(), limits) {}

TestServer::TestServer(const TlsFiles& files, const Limits& limits) : router_(MakeRouter()) {
  Server::Options options;
  options.limits = limits;
  if (!files.certificate.empty()) {
    options.plain = false;
    options.tls = Server::Tls{"127.0.0.1", 0, LoadTls(files).value()};
  }
  server_ = Server::Listen(loop_, options, router_).value();
  server_->Start();
  thread_ = std::thread([this] {
    const auto work = boost::asio::make_work_guard(loop_);
    loop_.run();
  });
}

TestServer::~TestServer() {
  OnWorker([this] { server_.reset(); });
  {
    const std::lock_guard lock(mutex_);
    parked_.clear();
    streams_.clear();
  }
  loop_.stop();
  thread_.join();
}

Router TestServer::MakeRouter() {
  std::vector<Route> routes;
  routes.push_back({Method::kGet, "/hello",
                    [](const auto& exchange) { exchange->Respond(TextResponse(200, "hello")); },
                    "Says hello"});
  routes.push_back({Method::kGet, "/echo/*rest", Echo, "Says what was asked"});
  routes.push_back({Method::kPut, "/echo/*rest",
                    [](const auto& exchange) {
                      exchange->Respond(TextResponse(200, exchange->request().body()));
                    },
                    "Returns the body"});
  routes.push_back({Method::kGet, "/large",
                    [](const auto& exchange) {
                      static const auto kBody =
                          std::make_shared<const SharedBody>(std::string(kLarge, 'x'));
                      exchange->Respond(TextResponse(200, kBody));
                    },
                    "Returns much"});
  routes.push_back({Method::kGet, "/who",
                    [](const auto& exchange) {
                      const TlsPeer* const peer = exchange->request().tls_peer();
                      exchange->Respond(TextResponse(200, peer ? peer->subject : "nobody"));
                    },
                    "Says who asks"});
  routes.push_back(
      {Method::kGet, "/park", [this](const auto& exchange) { Park(exchange, true); }, "Waits"});
  routes.push_back(
      {Method::kGet, "/busy", [this](const auto& exchange) { Park(exchange, false); }, "Works"});
  routes.push_back({Method::kGet, "/stream", [this](const auto& exchange) { OpenStream(exchange); },
                    "Streams what the test says"});
  routes.push_back({Method::kGet, "/drop",
                    [](const auto& exchange) {
                      std::thread([dropped = exchange]() mutable { dropped.reset(); }).detach();
                    },
                    "Forgets to answer"});
  routes.push_back({Method::kGet, "/throw",
                    [](const auto&) { throw std::runtime_error("thrown by the handler"); },
                    "Throws"});
  routes.push_back({Method::kGet, "/throw-later",
                    [](const auto& exchange) { exchange->PostToWorker([] { throw 42; }); },
                    "Throws later, and not even an exception"});
  for (Route& route : routes) {
    route.handler = [this, handler = std::move(route.handler)](const auto& exchange) {
      exchange->OnAnswer([this](const Request& request, const Response* answer) {
        const std::string status = answer == nullptr ? "none" : std::to_string(answer->status);
        told_.Lock()->push_back(std::string(request.path()) + " " + status);
      });
      handler(exchange);
    };
  }
  return Router(std::move(routes));
}

void TestServer::Park(const std::shared_ptr<Exchange>& exchange, bool with_hooks) {
  if (with_hooks) {
    exchange->OnClosed([this, waiting = exchange.get()] {
      const std::lock_guard lock(mutex_);
      std::erase_if(parked_, [&](const auto& other) { return other.get() == waiting; });
      ++closed_count_;
      changed_.notify_all();
    });
    exchange->OnShutdown([this, weak = std::weak_ptr(exchange)] {
      const auto waiting = weak.lock();
      waiting->Respond(TextResponse(200, "drained"));
      const std::lock_guard lock(mutex_);
      std::erase(parked_, waiting);
    });
  }
  const std::lock_guard lock(mutex_);
  parked_.push_back(exchange);
  ++parked_count_;
  changed_.notify_all();
}

void TestServer::OpenStream(const std::shared_ptr<Exchange>& exchange) {
  const std::shared_ptr<ResponseStream> stream = exchange->RespondStream(TextResponse(200, ""));
  stream->OnClosed([this] {
    const std::lock_guard lock(mutex_);
    ++streams_closed_;
    changed_.notify_all();
  });
  const std::lock_guard lock(mutex_);
  streams_.push_back(stream);
  ++stream_count_;
  changed_.notify_all();
}

bool TestServer::AwaitStreams(size_t count) {
  return Await([&] { return stream_count_ >= count; });
}

bool TestServer::AwaitStreamsClosed(size_t count) {
  return Await([&] { return streams_closed_ >= count; });
}

bool TestServer::WriteStream(const std::string& bytes) {
  bool written = false;
  OnWorker([&] { written = streams_.at(0)->Write(bytes); });
  return written;
}

size_t TestServer::QueuedInStream() {
  size_t queued = 0;
  OnWorker([&] { queued = streams_.at(0)->queued_bytes(); });
  return queued;
}

void TestServer::EndStream() {
  OnWorker([&] {
    streams_.at(0)->End();
    const std::lock_guard lock(mutex_);
    streams_.erase(streams_.begin());
  });
}

void TestServer::DropStream() {
  const std::lock_guard lock(mutex_);
  streams_.erase(streams_.begin());
}

void TestServer::CallWhenSent(std::shared_ptr<void> held) {
  OnWorker([&] {
    streams_.at(0)->OnSent([this, held = std::move(held)] {
      const std::lock_guard lock(mutex_);
      ++streams_sent_;
      changed_.notify_all();
    });
  });
}

bool TestServer::AwaitSent(size_t count) {
  return Await([&] { return streams_sent_ >= count; });
}

bool TestServer::HasSent(size_t count) {
  OnWorker([] {});  // what has been posted before has been done
  const std::lock_guard lock(mutex_);
  return streams_sent_ >= count;
}

bool TestServer::Await(const std::function<bool()>& condition) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, RawClient::kPatience, condition);
}

bool TestServer::AwaitParked(size_t count) {
  return Await([&] { return parked_count_ >= count; });
}

bool TestServer::AwaitClosed(size_t count) {
  return Await([&] { return closed_count_ >= count; });
}

bool TestServer::AwaitConnections(size_t count) {
  const auto until = std::chrono::steady_clock::now() + RawClient::kPatience;
  while (server_->connection_count() != count) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

Result<std::shared_ptr<const TlsContext>> TestServer::LoadTls(const TlsFiles& files) {
  auto context = TlsContext::Load(
      files, clock_, [this] { return std::chrono::system_clock::now() + wall_ahead_.load(); });
  if (context) tls_ = *context;
  return context;
}

bool TestServer::Reload(const TlsFiles& files) {
  auto context = LoadTls(files);
  if (context) OnWorker([&] { server_->SetTls(std::move(*context)); });
  return context.has_value();
}

void TestServer::AnswerParked(const std::string& text) {
  std::shared_ptr<Exchange> exchange;
  {
    const std::lock_guard lock(mutex_);
    exchange = parked_.at(0);
    parked_.erase(parked_.begin());
  }
  exchange->PostToWorker([exchange, text] { exchange->Respond(TextResponse(200, text)); });
}

void TestServer::OnWorker(std::function<void()> work) {
  std::promise<void> done;
  boost::asio::post(loop_, [&] {
    work();
    done.set_value();
  });
  done.get_future().wait();
}

void TestServer::Drain(std::chrono::milliseconds grace) {
  OnWorker([&] {
    server_->Drain(grace, [this] {
      const std::lock_guard lock(mutex_);
      drained_ = true;
      changed_.notify_all();
    });
  });
}

bool TestServer::AwaitDrained() {
  return Await([this] { return drained_; });
}

}  // namespace rollcall::http
