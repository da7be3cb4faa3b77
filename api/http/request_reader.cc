#include "api/http/request_reader.h"

#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>
#include <cstdint>
#include <cstring>
#include <optional>
#include <utility>

#include "registry/base/ascii.h"

namespace rollcall::http {
namespace {

namespace beast = boost::beast;
using ErrorCode = boost::system::error_code;
using BeastError = beast::http::error;

std::string_view View(beast::string_view text) { return {text.data(), text.size()}; }

// The control characters of ASCII: C0, and DEL.
bool IsControl(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

// Whether one of eight octets is a control character.
bool HasControl(uint64_t eight) {
  constexpr uint64_t kEach = 0x0101010101010101;
  constexpr uint64_t kHigh = kEach * 0x80;
  // An octet's high bit is set when its low seven bits are below 0x20, and when they are 0x7f.
  const uint64_t low_bits = eight & ~kHigh;
  const uint64_t not_below_space = low_bits + kEach * (0x80 - 0x20);
  const uint64_t is_all_ones = low_bits + kEach;
  return ((~not_below_space | is_all_ones) & ~eight & kHigh) != 0;
}

// The place of the first control character in `text` from `at` on, or its size.
size_t FindControl(std::string_view text, size_t at) {
  for (uint64_t eight; text.size() - at >= sizeof eight; at += sizeof eight) {
    std::memcpy(&eight, text.data() + at, sizeof eight);
    if (HasControl(eight)) break;
  }
  while (at < text.size() && !IsControl(text[at])) ++at;
  return at;
}

}  // namespace

// Collects what Beast recognises. While the header is parsed its views point into Request::head_.
class RequestReader::Parser final : public beast::http::basic_parser<true> {
 public:
  Parser(Request& request, const Limits& limits) : request_(request) {
    // The whole header is presented at once and its size has been checked.
    header_limit(static_cast<uint32_t>(request.head_.size()) + 1);
    body_limit(limits.max_body_bytes);
  }

 private:
  void on_request_impl(beast::http::verb, beast::string_view method, beast::string_view target,
                       int version, ErrorCode&) override {
    request_.method_name_ = View(method);
    request_.method_ = ParseMethod(request_.method_name_);
    request_.target_ = View(target);
    request_.minor_version_ = version == 10 ? 0 : 1;
  }

  // Never called by a parser of requests.
  void on_response_impl(int, beast::string_view, int, ErrorCode&) override {}

  void on_field_impl(beast::http::field, beast::string_view name, beast::string_view value,
                     ErrorCode&) override {
    if (header_done_) return;  // a trailer
    // Only a folded field would be in a buffer of Beast's own, and none gets this far.
    request_.headers_.push_back({View(name), View(value)});
  }

  void on_header_impl(ErrorCode&) override { header_done_ = true; }

  void on_body_init_impl(const boost::optional<uint64_t>& length, ErrorCode&) override {
    // What is declared is not yet sent: do not hold the full size for who only promises it.
    constexpr uint64_t kAdvance = 64 * 1024;
    if (length) request_.body_.reserve(std::min(*length, kAdvance));
  }

  size_t on_body_impl(beast::string_view bytes, ErrorCode&) override {
    request_.body_.append(bytes.data(), bytes.size());
    return bytes.size();
  }

  void on_chunk_header_impl(uint64_t, beast::string_view, ErrorCode&) override {}

  size_t on_chunk_body_impl(uint64_t, beast::string_view bytes, ErrorCode&) override {
    request_.body_.append(bytes.data(), bytes.size());
    return bytes.size();
  }

  void on_finish_impl(ErrorCode&) override {}

  Request& request_;
  bool header_done_ = false;
};

struct RequestReader::ParserRoom {
  std::optional<Parser> parser;
};

RequestReader::RequestReader(Request& request, const Limits& limits)
    : request_(&request), limits_(limits), parser_(std::make_unique<ParserRoom>()) {}
RequestReader::~RequestReader() = default;

void RequestReader::Begin(Request& request) {
  request_ = &request;
  state_ = State::kHead;
  failure_ = {};
  partial_.clear();
  after_cr_ = false;
  line_is_empty_ = false;
  continue_wanted_ = false;
  parser_->parser.reset();
}

RequestReader::State RequestReader::Consume(std::string_view& input) {
  if (state_ == State::kHead) ConsumeHead(input);
  if (state_ == State::kBody) ConsumeBody(input);
  return state_;
}

bool RequestReader::TakeContinue() { return std::exchange(continue_wanted_, false); }

void RequestReader::ConsumeHead(std::string_view& input) {
  size_t length = 0;
  const HeadEnd end = FindHeadEnd(input, length);
  if (end == HeadEnd::kMalformed) return Fail(400, "Malformed request: bad line ending");
  if (end == HeadEnd::kFolded) return Fail(400, "Malformed request: folded header field");
  if (partial_.size() + length > limits_.max_header_bytes) {
    return Fail(431, "Request header too large, limit: " +
                         std::to_string(limits_.max_header_bytes) + " bytes");
  }
  if (end == HeadEnd::kMissing) {
    partial_.append(input);
    input = {};
    return;
  }
  request_->head_.reserve(partial_.size() + length);
  request_->head_.append(partial_).append(input.substr(0, length));
  input.remove_prefix(length);
  partial_ = {};
  ParseHead();
}

// Looks for the empty line that ends the header, going on where the last call stopped. `length`:
// how many bytes of `input` belong to the header. Bytes that no header can hold end the search at
// once: a TLS greeting or noise is refused without waiting for a line end that never comes.
RequestReader::HeadEnd RequestReader::FindHeadEnd(std::string_view input, size_t& length) {
  for (size_t i = 0; i < input.size(); ++i) {
    if (!after_cr_ && !line_is_empty_) {  // in a line, of which only the end matters
      i = FindControl(input, i);
      if (i == input.size()) break;
    }
    const char c = input[i];
    if (c == '\n') {
      if (!after_cr_) return HeadEnd::kMalformed;
      after_cr_ = false;
      if (std::exchange(line_is_empty_, true)) {
        length = i + 1;
        return HeadEnd::kFound;
      }
    } else if (after_cr_ || (IsControl(c) && c != '\r' && c != '\t')) {
      return HeadEnd::kMalformed;
    } else if (c == '\r') {
      after_cr_ = true;
    } else if (line_is_empty_ && (c == ' ' || c == '\t')) {
      return HeadEnd::kFolded;  // RFC 9112 section 5.2
    } else {
      line_is_empty_ = false;
    }
  }
  length = input.size();
  return HeadEnd::kMissing;
}

void RequestReader::ParseHead() {
  Parser& parser = parser_->parser.emplace(*request_, limits_);
  ErrorCode error;
  const size_t used =
      parser.put(boost::asio::const_buffer(request_->head_.data(), request_->head_.size()), error);
  if (error == BeastError::body_limit) {
    if (Result<void> target = request_->ParseTarget(); !target) {
      return Fail(400, "Malformed request: " + target.error().message);
    }
    return Fail(
        413, "Request body too large, limit: " + std::to_string(limits_.max_body_bytes) + " bytes");
  }
  if (error == BeastError::bad_version) {
    return Fail(505, "Only HTTP/1.0 and HTTP/1.1 are spoken here");
  }
  if (error) return Fail(400, "Malformed request: " + error.message());
  if (used != request_->head_.size() || !parser.is_header_done()) {
    return Fail(400, "Malformed request: incomplete header");
  }
  if (!CheckHead()) return;
  request_->keep_alive_ = parser.keep_alive();
  state_ = parser.is_done() ? State::kComplete : State::kBody;
}

// What RFC 9112 obliges a server to refuse and Beast lets pass. On false the failure is set.
bool RequestReader::CheckHead() {
  const auto hosts =
      std::count_if(request_->headers_.begin(), request_->headers_.end(),
                    [](const NamedValue& field) { return EqualsIgnoreCase(field.name, "Host"); });
  if (hosts > 1 || (hosts == 0 && request_->minor_version_ == 1)) {  // section 3.2
    Fail(400, hosts == 0 ? "Malformed request: missing Host header"
                         : "Malformed request: more than one Host header");
    return false;
  }
  if (Result<void> target = request_->ParseTarget(); !target) {
    Fail(400, "Malformed request: " + target.error().message);
    return false;
  }
  return CheckTransferEncoding() && CheckExpectation();
}

// RFC 9112 sections 6.1 and 6.3: where a request ends must be beyond doubt, or a proxy in front of
// us and we disagree on where the next one begins.
bool RequestReader::CheckTransferEncoding() {
  size_t count = 0;
  bool chunked = true;
  for (const NamedValue& field : request_->headers_) {
    if (!EqualsIgnoreCase(field.name, "Transfer-Encoding")) continue;
    ++count;
    chunked = chunked && EqualsIgnoreCase(field.value, "chunked");
  }
  if (count == 0) return true;
  if (count > 1 || request_->minor_version_ == 0) {
    Fail(400, "Malformed request: bad Transfer-Encoding");
    return false;
  }
  if (!chunked) {
    Fail(501, "The only Transfer-Encoding spoken here is chunked");
    return false;
  }
  return true;
}

bool RequestReader::CheckExpectation() {
  const auto expectation = request_->FindHeader("Expect");
  if (!expectation || request_->minor_version_ == 0) return true;
  if (!EqualsIgnoreCase(*expectation, "100-continue")) {
    Fail(417, "The only expectation that can be met is 100-continue");
    return false;
  }
  continue_wanted_ = true;
  return true;
}

void RequestReader::ConsumeBody(std::string_view& input) {
  if (input.empty()) return;
  continue_wanted_ = false;  // it has begun without waiting
  if (partial_.empty()) {
    Feed(input);
    if (state_ == State::kBody) partial_.assign(input);
  } else {
    partial_.append(input);
    std::string_view bytes = partial_;
    Feed(bytes);
    // What was left over before was not a whole chunk header, so what remains is new.
    input = input.substr(input.size() - std::min(input.size(), bytes.size()));
    if (state_ == State::kBody) partial_.erase(0, partial_.size() - bytes.size());
  }
  if (state_ != State::kBody) return;
  input = {};
  if (partial_.size() > limits_.max_header_bytes) {
    Fail(431, "Chunk header or trailers too large, limit: " +
                  std::to_string(limits_.max_header_bytes) + " bytes");
  }
}

// Gives `bytes` to the parser until they are used up, the body is complete, or the parser wants
// more.
void RequestReader::Feed(std::string_view& bytes) {
  Parser& parser = *parser_->parser;
  while (!bytes.empty() && !parser.is_done()) {
    ErrorCode error;
    const size_t used = parser.put(boost::asio::const_buffer(bytes.data(), bytes.size()), error);
    bytes.remove_prefix(used);
    if (error == BeastError::need_more) return;
    if (error == BeastError::body_limit) {
      return Fail(413, "Request body too large, limit: " + std::to_string(limits_.max_body_bytes) +
                           " bytes");
    }
    if (error) return Fail(400, "Malformed request: " + error.message());
  }
  if (parser.is_done()) state_ = State::kComplete;
}

void RequestReader::Fail(int status, std::string text) {
  state_ = State::kFailed;
  failure_ = {status, std::move(text)};
}

}  // namespace rollcall::http
