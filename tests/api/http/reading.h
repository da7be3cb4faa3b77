// Reading: a request read by a RequestReader from given bytes, as if they came in pieces.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "api/http/request_reader.h"

namespace rollcall::http {

// A request read from `bytes` in pieces of `step`, and what was left over.
struct Reading {
  explicit Reading(std::string_view bytes, size_t step = SIZE_MAX, const Limits& limits = {})
      : request("127.0.0.1"), reader(request, limits) {
    while (!bytes.empty()) {
      const size_t size = std::min(step, bytes.size());
      std::string_view piece = bytes.substr(0, size);
      bytes.remove_prefix(size);
      const RequestReader::State state = reader.Consume(piece);
      if (state == RequestReader::State::kComplete || state == RequestReader::State::kFailed) {
        rest = std::string(piece).append(bytes);
        return;
      }
      EXPECT_TRUE(piece.empty());
    }
  }

  bool complete() const { return reader.state() == RequestReader::State::kComplete; }
  int status() const {
    return reader.state() == RequestReader::State::kFailed ? reader.failure().status : 0;
  }

  Request request;
  RequestReader reader;
  std::string rest;
};

}  // namespace rollcall::http
