// RequestReader: turns the bytes of a connection into one Request, as they come (RFC 9112).
// One reader for one request after the other; it is the session's only while a request is
// incomplete.
// Worker's thread. Boost.Beast parses the header and the chunks; this class decides when there is a
// whole header to parse, what a server must refuse, and how much it keeps.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "api/http/limits.h"
#include "api/http/request.h"

namespace rollcall::http {

class RequestReader {
 public:
  enum class State {
    kHead,      // in the request line or the header fields
    kBody,      // the header is complete, the body is not
    kComplete,  // the request is whole
    kFailed,    // failure() says what to answer; the connection cannot go on
  };

  struct Failure {
    int status = 400;
    std::string text;  // one line
  };

  // `request` is new and is filled in; it and `limits` outlive the reader, or its next Begin.
  RequestReader(Request& request, const Limits& limits);
  ~RequestReader();

  // As if it were new, for another request, with the memory that it has.
  void Begin(Request& request);

  // Takes bytes from the front of `input`. All of them are taken, unless the request ends before.
  State Consume(std::string_view& input);

  State state() const { return state_; }
  const Failure& failure() const { return failure_; }

  // True once: the client waits for "100 Continue" before it sends its body (RFC 9110
  // section 10.1.1).
  bool TakeContinue();

 private:
  class Parser;
  struct ParserRoom;
  enum class HeadEnd { kFound, kMissing, kMalformed, kFolded };

  void ConsumeHead(std::string_view& input);
  void ConsumeBody(std::string_view& input);
  HeadEnd FindHeadEnd(std::string_view input, size_t& length);
  void ParseHead();
  bool CheckHead();
  bool CheckTransferEncoding();
  bool CheckExpectation();
  void Feed(std::string_view& bytes);
  void Fail(int status, std::string text);

  Request* request_;
  const Limits& limits_;
  State state_ = State::kHead;
  Failure failure_;
  // kHead: the header so far. kBody: the part of a chunk's framing that is not complete yet.
  std::string partial_;
  bool after_cr_ = false;
  bool line_is_empty_ = false;
  bool continue_wanted_ = false;
  const std::unique_ptr<ParserRoom> parser_;  // empty in kHead
};

}  // namespace rollcall::http
