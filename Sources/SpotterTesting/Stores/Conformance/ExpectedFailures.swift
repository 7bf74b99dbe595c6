import SpotterDomain

/// Fails the behaviour unless `work` throws a `SpotterError` with `code`.
@discardableResult
func requireError<Value>(
    _ code: SpotterError.Code, file: StaticString = #fileID, line: UInt = #line, _ work: () async throws -> Value
) async throws -> SpotterError {
    do {
        _ = try await work()
    } catch let error as SpotterError {
        try require(error.code == code, "\(error) came instead of \(code)", file: file, line: line)
        return error
    } catch {
        throw NonConformance(description: "\(file):\(line): \(error) came instead of \(code)")
    }
    throw NonConformance(description: "\(file):\(line): nothing failed where \(code) was promised")
}

/// Fails the behaviour unless `work` throws an error of type `Failure`.
func requireThrows<Failure: Error, Value>(
    _ type: Failure.Type, file: StaticString = #fileID, line: UInt = #line, _ work: () async throws -> Value
) async throws {
    do {
        _ = try await work()
    } catch is Failure {
        return
    } catch {
        throw NonConformance(description: "\(file):\(line): \(error) came instead of \(type)")
    }
    throw NonConformance(description: "\(file):\(line): nothing failed where \(type) was promised")
}
