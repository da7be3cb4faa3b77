// LittleServer: a TCP server for tests that does exactly as it is told, on the test's own loop.
#pragma once

#include <boost/asio.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace rollcall::test {

// Runs `loop` until `condition` holds; false when it did not within `patience`.
template <typename Condition>
bool RunUntil(boost::asio::io_context& loop, Condition condition,
              std::chrono::milliseconds patience = std::chrono::seconds(20)) {
  const auto give_up = std::chrono::steady_clock::now() + patience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > give_up) return false;
    loop.restart();
    loop.run_one_for(std::chrono::milliseconds(20));
  }
  return true;
}

class LittleServer {
 public:
  struct Manner {
    std::string answer;         // sent once the head of a request has come; empty: never answers
    bool closes = true;         // after the answer
    bool repeats = false;       // sends the answer again and again until the peer goes
    bool byte_by_byte = false;  // a byte each 5 ms
  };

  LittleServer(boost::asio::io_context& loop, Manner manner)
      : manner_(std::move(manner)),
        acceptor_(loop, {boost::asio::ip::make_address("127.0.0.1"), 0}) {
    Accept();
  }

  std::string address() const {
    return "127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port());
  }
  int connections() const { return connections_; }
  const std::vector<std::string>& requests() const { return requests_; }

 private:
  using Socket = boost::asio::ip::tcp::socket;
  struct Connection {
    explicit Connection(Socket s) : socket(std::move(s)), timer(socket.get_executor()) {}
    Socket socket;
    boost::asio::steady_timer timer;
    std::string received;
    size_t sent = 0;
  };

  void Accept() {
    acceptor_.async_accept([this](boost::system::error_code error, Socket socket) {
      if (error) return;
      ++connections_;
      Read(std::make_shared<Connection>(std::move(socket)));
      Accept();
    });
  }

  void Read(const std::shared_ptr<Connection>& connection) {
    open_.push_back(connection);
    boost::asio::async_read_until(connection->socket,
                                  boost::asio::dynamic_buffer(connection->received), "\r\n\r\n",
                                  [this, connection](boost::system::error_code error, size_t) {
                                    if (error) return;
                                    requests_.push_back(connection->received);
                                    if (!manner_.answer.empty()) Answer(connection);
                                  });
  }

  void Answer(const std::shared_ptr<Connection>& connection) {
    const size_t from = manner_.byte_by_byte ? connection->sent : 0;
    const size_t size = manner_.byte_by_byte ? 1 : manner_.answer.size();
    boost::asio::async_write(connection->socket,
                             boost::asio::buffer(manner_.answer.data() + from, size),
                             [this, connection, size](boost::system::error_code error, size_t) {
                               if (error) return;
                               connection->sent += size;
                               Continue(connection);
                             });
  }

  void Continue(const std::shared_ptr<Connection>& connection) {
    if (manner_.repeats) return Answer(connection);
    if (connection->sent < manner_.answer.size()) {
      connection->timer.expires_after(std::chrono::milliseconds(5));
      connection->timer.async_wait([this, connection](boost::system::error_code error) {
        if (!error) Answer(connection);
      });
      return;
    }
    if (manner_.closes) connection->socket.close();
  }

  const Manner manner_;
  boost::asio::ip::tcp::acceptor acceptor_;
  int connections_ = 0;
  std::vector<std::string> requests_;
  std::vector<std::shared_ptr<Connection>> open_;
};

}  // namespace rollcall::test
