#include "tests/api/http/raw_client.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <utility>

namespace rollcall::http {

std::string Answer::Header(std::string_view name) const {
  const std::string line = "\r\n" + std::string(name) + ": ";
  const size_t begin = head.find(line);
  if (begin == std::string::npos) return "<none>";
  const size_t value = begin + line.size();
  return head.substr(value, head.find("\r\n", value) - value);
}

RawClient::RawClient(uint16_t port) : RawClient(port, 0) {}
RawClient::RawClient(uint16_t port, int receive_buffer) {
  Connect(port, receive_buffer);
  if (kOverTls && socket_ >= 0) {
    tls_ = std::make_unique<ClientTls>(socket_, ClientOptions(), kPatience);
  }
}
RawClient::RawClient(uint16_t port, const ClientOptions& options) {
  Connect(port, options.receive_buffer);
  if (socket_ >= 0) tls_ = std::make_unique<ClientTls>(socket_, options, kPatience);
}
RawClient::~RawClient() { Close(); }
RawClient::RawClient(RawClient&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)),
      tls_(std::move(other.tls_)),
      received_(std::move(other.received_)) {}

RawClient RawClient::WithoutTls(uint16_t port) {
  RawClient client;
  client.Connect(port, 0);
  return client;
}

void RawClient::Connect(uint16_t port, int receive_buffer) {
  socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (receive_buffer > 0) {
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  }
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) Close();
}

bool RawClient::Send(std::string_view bytes) {
  if (tls_ != nullptr) return tls_->Send(bytes);
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

bool RawClient::HasInput(std::chrono::milliseconds wait) {
  if (tls_ != nullptr) return tls_->HasInput(wait);
  pollfd poll{socket_, POLLIN, 0};
  return ::poll(&poll, 1, static_cast<int>(wait.count())) == 1;
}

ssize_t RawClient::Receive(char* room, size_t size) {
  if (tls_ != nullptr) return tls_->Receive(room, size, &timed_out_);
  if (HasInput(kPatience)) return ::recv(socket_, room, size, 0);
  timed_out_ = true;
  return -1;
}

bool RawClient::Fill() {
  std::array<char, 65536> room;
  const ssize_t size = Receive(room.data(), room.size());
  ended_well_ = size == 0;
  if (size <= 0) return false;
  received_.append(room.data(), static_cast<size_t>(size));
  return true;
}

Answer RawClient::ReadHead() {
  size_t end = received_.find("\r\n\r\n");
  while (end == std::string::npos) {
    if (!Fill()) return {};
    end = received_.find("\r\n\r\n");
  }
  Answer answer;
  answer.head = received_.substr(0, end + 2);
  received_.erase(0, end + 4);
  std::from_chars(answer.head.data() + 9, answer.head.data() + 12, answer.status);
  return answer;
}

Answer RawClient::Read() {
  Answer answer = ReadHead();
  const std::string length = answer.Header("Content-Length");
  size_t size = 0;
  std::from_chars(length.data(), length.data() + length.size(), size);
  while (received_.size() < size && Fill()) {
  }
  answer.body = received_.substr(0, size);
  received_.erase(0, size);
  return answer;
}

std::string RawClient::ReadChunk() {
  size_t end = received_.find("\r\n");
  while (end == std::string::npos) {
    if (!Fill()) return "<none>";
    end = received_.find("\r\n");
  }
  size_t size = 0;
  std::from_chars(received_.data(), received_.data() + end, size, 16);
  const size_t begin = end + 2;
  while (received_.size() < begin + size + 2) {
    if (!Fill()) return "<none>";
  }
  std::string chunk = received_.substr(begin, size);
  received_.erase(0, begin + size + 2);
  return chunk;
}

std::string RawClient::ReadAll() {
  while (Fill()) {
  }
  return std::exchange(received_, {});
}

std::string RawClient::ReadSome() {
  if (received_.empty()) Fill();
  return std::exchange(received_, {});
}

void RawClient::CloseSending() {
  if (tls_ != nullptr) tls_->SayGoodbye();
  ShutDownWithoutGoodbye();
}

void RawClient::ShutDownWithoutGoodbye() { ::shutdown(socket_, SHUT_WR); }

void RawClient::Close() {
  if (socket_ >= 0) ::close(std::exchange(socket_, -1));
}

void RawClient::Reset() {
  const linger hard{1, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
  Close();
}

std::string Get(std::string_view path) {
  return std::string("GET ").append(path).append(" HTTP/1.1\r\nHost: test\r\n\r\n");
}

std::string Put(std::string_view path, std::string_view body) {
  return std::string("PUT ")
      .append(path)
      .append(" HTTP/1.1\r\nHost: test\r\nContent-Length: ")
      .append(std::to_string(body.size()))
      .append("\r\n\r\n")
      .append(body);
}

}  // namespace rollcall::http
