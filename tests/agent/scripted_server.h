// ScriptedServer: an HTTP server for tests, on the test's own loop, that answers each request as a
// script says: at once, later, never, or by closing. Keeps connections.
#pragma once

#include <boost/asio.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace rollcall::test {

// A whole answer, as bytes. `headers`: "Name: value\r\n" each.
inline std::string HttpAnswer(int status, const std::string& body,
                              const std::string& headers = "") {
  return "HTTP/1.1 " + std::to_string(status) + " Whatever\r\n" + headers +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

class ScriptedServer {
 public:
  using Request = boost::beast::http::request<boost::beast::http::string_body>;
  // What is sent; kPark: nothing, until AnswerParked; kClose: the connection is closed.
  using Script = std::function<std::string(const Request&)>;
  static constexpr const char* kPark = "<park>";
  static constexpr const char* kClose = "<close>";

  // `port` 0: any free one.
  ScriptedServer(boost::asio::io_context& loop, Script script, uint16_t port = 0)
      : loop_(loop), script_(std::move(script)) {
    Listen(port);
  }
  ~ScriptedServer() { Stop(); }

  // Goes away with all its connections, and comes back on its port.
  void Stop() {
    acceptor_.reset();
    for (const auto& connection : connections_) connection->Close();
    connections_.clear();
    parked_.clear();
  }
  void Start() { Listen(port_); }
  // Takes no more connections; those that there are go on.
  void StopListening() { acceptor_->close(); }
  void SetScript(Script script) { script_ = std::move(script); }

  std::string Url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  uint16_t port() const { return port_; }
  int accepted() const { return accepted_; }
  // Connections that the other side has closed.
  int left() const { return left_; }
  size_t parked() const { return parked_.size(); }
  const std::vector<Request>& requests() const { return requests_; }
  size_t CountOf(const std::string& target) const {
    return static_cast<size_t>(
        std::count_if(requests_.begin(), requests_.end(),
                      [&](const Request& each) { return each.target() == target; }));
  }

  // Answers all requests that were parked.
  void AnswerParked(const std::string& bytes) {
    for (const auto& connection : std::exchange(parked_, {})) Send(connection, bytes);
  }
  // Closes connections that are between two requests.
  void CloseConnections() {
    for (const auto& connection : connections_) connection->Close();
    connections_.clear();
  }

 private:
  using Socket = boost::asio::ip::tcp::socket;
  struct Connection {
    explicit Connection(Socket s) : socket(std::move(s)) {}
    void Close() {
      boost::system::error_code ignored;
      socket.close(ignored);
    }
    Socket socket;
    boost::beast::flat_buffer buffer;
    Request request;
    std::string outgoing;
  };
  using Held = std::shared_ptr<Connection>;

  void Listen(uint16_t port) {
    acceptor_ = std::make_shared<boost::asio::ip::tcp::acceptor>(
        loop_, boost::asio::ip::tcp::endpoint(boost::asio::ip::make_address("127.0.0.1"), port));
    port_ = acceptor_->local_endpoint().port();
    Accept();
  }

  void Accept() {
    acceptor_->async_accept(
        [this, here = std::weak_ptr(acceptor_)](boost::system::error_code error, Socket socket) {
          if (error || here.expired()) return;
          ++accepted_;
          connections_.push_back(std::make_shared<Connection>(std::move(socket)));
          Read(connections_.back());
          Accept();
        });
  }

  void Read(const Held& connection) {
    connection->request = {};
    boost::beast::http::async_read(connection->socket, connection->buffer, connection->request,
                                   [this, connection, here = std::weak_ptr(acceptor_)](
                                       boost::system::error_code error, size_t) {
                                     if (here.expired()) return;
                                     if (error) {
                                       if (error != boost::asio::error::operation_aborted) ++left_;
                                       std::erase(parked_, connection);
                                       std::erase(connections_, connection);
                                       return;
                                     }
                                     requests_.push_back(connection->request);
                                     const std::string answer = script_(requests_.back());
                                     if (answer == kClose) return connection->Close();
                                     if (answer != kPark) return Send(connection, answer);
                                     parked_.push_back(connection);
                                     NoticeEnd(connection);
                                   });
  }

  void NoticeEnd(const Held& connection) {
    connection->socket.async_wait(
        Socket::wait_read,
        [this, connection, here = std::weak_ptr(acceptor_)](boost::system::error_code error) {
          if (error || here.expired()) return;
          const auto place = std::find(parked_.begin(), parked_.end(), connection);
          if (place == parked_.end()) return;
          ++left_;
          parked_.erase(place);
          std::erase(connections_, connection);
        });
  }

  void Send(const Held& connection, const std::string& bytes) {
    connection->outgoing = bytes;
    boost::asio::async_write(connection->socket, boost::asio::buffer(connection->outgoing),
                             [this, connection, here = std::weak_ptr(acceptor_)](
                                 boost::system::error_code error, size_t) {
                               if (!error && !here.expired()) Read(connection);
                             });
  }

  boost::asio::io_context& loop_;
  Script script_;
  std::shared_ptr<boost::asio::ip::tcp::acceptor> acceptor_;  // null: stopped
  uint16_t port_ = 0;
  int accepted_ = 0;
  int left_ = 0;
  std::vector<Held> connections_;
  std::vector<Held> parked_;
  std::vector<Request> requests_;
};

}  // namespace rollcall::test
