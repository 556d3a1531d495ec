using Weft.Http.Grpc;

namespace Weft.Http.Tests.Grpc;

public sealed class GrpcMessageCounterTests
{
    [Fact]
    public void Messages_are_counted_whatever_the_split()
    {
        byte[] body = [0, 0, 0, 0, 3, 1, 2, 3, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, .. new byte[256], 0, 0, 0];
        for (var size = 1; size <= body.Length; size++)
        {
            var counter = new GrpcMessageCounter();
            var count = 0;
            for (var at = 0; at < body.Length; at += size) count += counter.Count(body.AsSpan(at, Math.Min(size, body.Length - at)));
            Assert.Equal(3, count);
        }
    }
}
