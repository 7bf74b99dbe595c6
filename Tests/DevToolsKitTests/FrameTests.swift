import DevToolsKit
import Foundation
import Testing

struct FrameTests {
    @Test(arguments: [1, 2, 3, 7, 1_000]) func `frames come out whole, however they come in`(size: Int) throws {
        var splitter = FrameSplitter()
        let bytes = Array("{\"id\":1,\"result\":{}}\0\0{\"method\":\"a.b\"}\0{\"id\"".utf8)
        var frames: [[UInt8]] = []
        for start in stride(from: 0, to: bytes.count, by: size) {
            frames += try splitter.receive(bytes[start..<min(start + size, bytes.count)])
        }
        #expect(
            frames.map { String(decoding: $0, as: UTF8.self) } == [
                "{\"id\":1,\"result\":{}}", "", "{\"method\":\"a.b\"}",
            ])
    }

    @Test func `a frame beyond the limit ends it, whole or not`() {
        var splitter = FrameSplitter(limit: 8)
        #expect(throws: DevToolsError.self) { try splitter.receive(Array("123456789".utf8)) }
        var other = FrameSplitter(limit: 8)
        #expect(throws: DevToolsError.self) { try other.receive(Array("123456789\0".utf8)) }
    }

    @Test func `answers, refusals and events are told apart`() throws {
        struct Sum: Decodable { let sum: Int }
        let answer = try DevToolsFrame(Array(#"{"id":7,"result":{"sum":3},"sessionId":"S"}"#.utf8))
        #expect(answer.kind == .answer(7))
        #expect(answer.session == "S")
        #expect(try answer.result(as: Sum.self).sum == 3)
        let refusal = try DevToolsFrame(Array(#"{"id":8,"error":{"code":-1,"message":"no"}}"#.utf8))
        #expect(refusal.kind == .refusal(8, "no"))
        let event = try DevToolsFrame(Array(#"{"method":"X.y","params":{"sum":4}}"#.utf8))
        #expect(event.kind == .event("X.y"))
        #expect(try event.parameters(as: Sum.self).sum == 4)
    }

    @Test(arguments: ["", "[]", "{}", "{\"id\":\"x\"}", "{\"id\":1.5}", "{\"params\":{}}", "\u{FF}", "{\"id\":1"])
    func `what is not the protocol is refused`(text: String) {
        #expect(throws: DevToolsError.self) { try DevToolsFrame(Array(text.utf8)) }
    }

    @Test func `a request says what it is for, and what it sends`() throws {
        func request(_ json: String) throws -> ResourceRequest {
            let frame = try DevToolsFrame(Array(#"{"method":"Fetch.requestPaused","params":\#(json)}"#.utf8))
            return try frame.parameters(as: PausedRequest.self).request(mainFrame: "F")
        }
        let page = try request(
            #"{"requestId":"1","frameId":"F","resourceType":"Document","#
                + #""request":{"url":"https://a.test/","method":"POST","headers":{"Cookie":"a=1"},"#
                + #""hasPostData":true,"postDataEntries":[{"bytes":"YQ=="},{"bytes":"Yg=="}]}}"#)
        #expect(page.purpose == .page)
        #expect(page.body == Array("ab".utf8))
        #expect(!page.hasUnknownBody)
        let frame = try request(
            #"{"requestId":"1","frameId":"G","resourceType":"Document","#
                + #""request":{"url":"https://a.test/","method":"POST","headers":{},"hasPostData":true}}"#)
        #expect(frame.purpose == .frame)
        #expect(frame.hasUnknownBody)
        let image = try request(
            #"{"requestId":"1","resourceType":"Image","request":{"url":"https://a.test/","method":"GET","headers":{}}}"#
        )
        #expect(image.purpose == .decoration)
        #expect(!image.hasUnknownBody)
    }
}
