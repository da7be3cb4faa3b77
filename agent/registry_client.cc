#include "agent/registry_client.h"

#include <boost/asio/io_context.hpp>
#include <optional>
#include <utility>
#include <variant>

#include "agent/front/server_connection.h"
#include "agent/probe/endpoint.h"
#include "registry/base/printable.h"

namespace rollcall::agent {

using front::ServerConnection;
using std::chrono::milliseconds;

// One connection to each server, and the loop that runs while one of them is asked.
class RegistryClient::Connections {
 public:
  explicit Connections(const Options& options) {
    SetTimes(options.connect_timeout, options.answer_timeout);
    for (const std::string& url : options.servers) {
      auto server = std::make_unique<Server>(probe::ParseHttpUrl(url).value());
      if (server->url.tls) {
        if (tls_ == nullptr) tls_ = options.tls;
        if (tls_ == nullptr) {
          tls_ = std::make_shared<http::TlsClient>(http::TlsClientContext::Load({}).value());
        }
        const std::string& host = server->url.origin.host;
        server->tls.emplace(front::TlsTowards{
            .client = *tls_, .name = options.tls_name.empty() ? host : options.tls_name});
      }
      servers_.push_back(std::move(server));
    }
  }

  void SetTimes(milliseconds connect, milliseconds answer) {
    times_ = {.connect = connect, .answer = answer, .body = answer};
  }

  // Nothing when it was interrupted.
  std::optional<ServerConnection::Outcome> Ask(
      size_t index, const std::shared_ptr<const front::UpstreamRequest>& request,
      const std::atomic<bool>& interrupted) {
    loop_.restart();
    if (interrupted) return std::nullopt;  // a later one stops the loop
    Server& server = *servers_[index];
    Prepare(&server);
    std::optional<ServerConnection::Outcome> outcome;
    server.connection->Ask(
        request, times_, {.on_begun = nullptr, .on_done = [&outcome](ServerConnection::Outcome o) {
                            outcome = std::move(o);
                          }});
    while (!outcome && loop_.run_one() > 0) {
    }
    if (!outcome) server.connection->Close();
    return outcome;
  }

  bool IsKept(size_t index) const {
    const auto& connection = servers_[index]->connection;
    return connection != nullptr && connection->IsReusable();
  }

  // Any thread.
  void StopLoop() { loop_.stop(); }

 private:
  struct Server {
    explicit Server(probe::HttpUrl its_url) : url(std::move(its_url)) {}
    const probe::HttpUrl url;
    std::optional<front::TlsTowards> tls;
    std::shared_ptr<ServerConnection> connection;  // null: none yet
  };

  // Makes a connection where there is none that may be used again.
  void Prepare(Server* server) {
    if (server->connection && server->connection->IsReusable() && !server->connection->IsStale()) {
      return;
    }
    if (server->connection) server->connection->Close();
    server->connection = std::make_shared<ServerConnection>(loop_, server->url,
                                                            server->tls ? &*server->tls : nullptr);
  }

  boost::asio::io_context loop_{1};               // outlives the connections
  std::shared_ptr<http::TlsClient> tls_;          // null: no server needs it
  std::vector<std::unique_ptr<Server>> servers_;  // the connections refer to them
  front::StepTimes times_;
};

namespace {

std::shared_ptr<const front::UpstreamRequest> MessageOf(const RegistryRequest& request) {
  front::UpstreamRequest message;
  message.method = http::MethodName(request.method);
  message.target = request.path;
  if (!request.body.empty()) message.headers = {{"Content-Type", "application/json"}};
  if (!request.token.empty()) message.headers.push_back({"X-Consul-Token", request.token});
  message.body = request.body;
  return std::make_shared<const front::UpstreamRequest>(std::move(message));
}

}  // namespace

RegistryClient::RegistryClient(const Options& options)
    : urls_(options.servers), connections_(std::make_unique<Connections>(options)) {}

RegistryClient::~RegistryClient() = default;

Result<RegistryAnswer> RegistryClient::Send(const RegistryRequest& request) {
  Error last = Unavailable("no server is configured");
  const size_t first = current_;
  for (size_t i = 0; i < urls_.size(); ++i) {
    const size_t index = (first + i) % urls_.size();
    Result<RegistryAnswer> answer = SendTo(index, request);
    if (answer) {
      current_ = index;
      return answer;
    }
    last = answer.error();
  }
  return last;
}

Result<RegistryAnswer> RegistryClient::SendTo(size_t index, const RegistryRequest& request) {
  const auto message = MessageOf(request);
  const bool was_kept = connections_->IsKept(index);
  auto outcome = connections_->Ask(index, message, interrupted_);
  const auto* failure = outcome ? std::get_if<front::Failure>(&*outcome) : nullptr;
  if (was_kept && failure != nullptr && failure->kind == front::Failure::Kind::kClosed) {
    // The server closed a kept connection just as it was used; a new one tells. All our requests
    // may be sent twice.
    outcome = connections_->Ask(index, message, interrupted_);
    failure = outcome ? std::get_if<front::Failure>(&*outcome) : nullptr;
  }
  if (!outcome) return Unavailable("interrupted");
  if (failure != nullptr) return Unavailable(urls_[index] + ": " + failure->why);
  auto& reply = std::get<front::UpstreamReply>(*outcome);
  if (reply.status >= 500 || reply.status == 429) {
    return Unavailable(urls_[index] + " answers " + std::to_string(reply.status) + ": " +
                       FirstLine(reply.body));
  }
  return RegistryAnswer{reply.status, std::move(reply.body)};
}

void RegistryClient::Hurry(milliseconds timeout) {
  interrupted_ = false;
  connections_->SetTimes(timeout, timeout);
}

void RegistryClient::Interrupt() {
  interrupted_ = true;
  connections_->StopLoop();
}

}  // namespace rollcall::agent
