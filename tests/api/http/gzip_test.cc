#include "api/http/gzip.h"

#include <gtest/gtest.h>

#include <random>

#include "tests/api/http/gunzip.h"
#include "tests/api/http/reading.h"

namespace rollcall::http {
namespace {

bool Wants(const std::string& fields) {
  const Reading reading("GET / HTTP/1.1\r\nHost: h\r\n" + fields + "\r\n");
  EXPECT_TRUE(reading.complete()) << fields;
  return WantsGzip(reading.request);
}

bool WantsByValue(const std::string& value) { return Wants("Accept-Encoding: " + value + "\r\n"); }

TEST(GzipTest, ClientWantsItWhenItIsAcceptableAndNothingIsPreferred) {
  for (const char* value : {
           "gzip",
           "GZip",
           "x-gzip",
           "deflate, gzip, br",
           "gzip;q=1",
           "gzip;q=1.000",
           "gzip; q=0.001",
           "gzip ;Q=0.5",
           "*",
           "*;q=0.1",
           "identity;q=0, gzip",
           "br;q=1, gzip;q=.5,*",
           "identity;q=0.5, gzip;q=0.5",
           "identity;q=0.5, *",
           ",,gzip,",
           "deflate;q=2, gzip",
       }) {
    EXPECT_TRUE(WantsByValue(value)) << value;
  }
  for (const char* value : {
           "",
           "identity",
           "deflate",
           "gzip;q=0",
           "gzip;q=0.000",
           "gzip;q=0, *",
           "*;q=0",
           "identity, gzip;q=0.9",
           "identity;q=1, *;q=0.5",
           "gzip;q=1.001",
           "gzip;q=-1",
           "gzip;q=",
           "gzip;q=0.1234",
           "gzip;q=x",
           "gzip;q=1x",
           "gzip;level=9",
           "gzip;",
           "gzi",
           "gzipped",
           "\"gzip\"",
       }) {
    EXPECT_FALSE(WantsByValue(value)) << value;
  }
}

TEST(GzipTest, AbsentAndRepeatedFieldsAreRead) {
  EXPECT_FALSE(Wants(""));
  EXPECT_TRUE(Wants("Accept-Encoding: br\r\naccept-encoding: gzip\r\n"));
  EXPECT_FALSE(Wants("Accept-Encoding: gzip;q=0\r\nAccept-Encoding: *\r\n"));
}

TEST(GzipTest, AnyFieldIsReadWithoutHarm) {
  std::mt19937 random(3);
  const std::string_view pieces[] = {"gzip", ";", "q=", "0", "1", ".", ",", "*", "identity", " "};
  for (int round = 0; round < 5000; ++round) {
    std::string value;
    for (size_t n = random() % 12; n > 0; --n) value += pieces[random() % std::size(pieces)];
    WantsByValue(value);
  }
}

Response Compressed(Response response) {
  CompressIfWorthwhile(response);
  return response;
}

TEST(GzipTest, TextAndJsonAreCompressed) {
  const std::string text(kMinGzipBytes, 'x');
  for (const Response& response :
       {Compressed(JsonResponse(text)), Compressed(TextResponse(404, text))}) {
    EXPECT_NE(response.header_block.find("\r\nContent-Encoding: gzip\r\n"), std::string::npos);
    EXPECT_LT(response.body.view().size(), text.size());
    EXPECT_EQ(Gunzip(response.body.view()), text);
  }
}

TEST(GzipTest, WhatIsNotWorthItIsLeftAlone) {
  const std::string text(kMinGzipBytes, 'x');
  std::string noise;
  std::mt19937 random(5);
  for (size_t i = 0; i < text.size(); ++i) noise.push_back(static_cast<char>(random() % 256));
  Response no_type = EmptyResponse(200);
  no_type.body = text;
  Response image = no_type;
  image.AddHeader("Content-Type", "image/png");
  Response encoded = JsonResponse(text);
  encoded.AddHeader("content-encoding", "br");
  Response exact = JsonResponse(text);
  exact.AddHeader("ETag", "\"1\"");
  Response not_modified = JsonResponse(text, 304);
  for (const Response& response : {JsonResponse(text.substr(1)), JsonResponse(noise), no_type,
                                   image, encoded, exact, not_modified}) {
    const Response after = Compressed(response);
    EXPECT_EQ(after.body.view(), response.body.view());
    EXPECT_EQ(after.header_block, response.header_block);
  }
  Response weak = JsonResponse(text);
  weak.AddHeader("ETag", "W/\"1\"");
  EXPECT_EQ(Gunzip(Compressed(weak).body.view()), text);
}

TEST(GzipTest, EveryLengthSurvives) {
  std::mt19937 random(9);
  for (const size_t size : {size_t{100}, size_t{1023}, size_t{65536}, size_t{3'000'001}}) {
    std::string text;
    while (text.size() < size) text += "{\"Node\":\"n" + std::to_string(random() % 1000) + "\"}";
    text.resize(size);
    const std::optional<std::string> gzip = GzipOf(text);
    ASSERT_TRUE(gzip);
    EXPECT_EQ(Gunzip(*gzip), text);
  }
}

}  // namespace
}  // namespace rollcall::http
