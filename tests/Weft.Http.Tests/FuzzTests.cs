using Weft.Fuzz;
using Weft.Fuzz.Hpack;
using Weft.Fuzz.Http2;
using Weft.Fuzz.Listeners;

namespace Weft.Http.Tests;

public sealed class FuzzTests
{
    // Some seconds' worth. The long run is tests/Weft.Fuzz by itself.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Mutated_messages_bring_nothing_to_light(ulong seed)
    {
        var run = new FuzzRun(seed);
        while (run.Inputs < 50_000 && run.Finding is null) run.Step();
        Assert.Null(run.Finding);
        Assert.InRange(run.Messages, 10_000, long.MaxValue);
        Assert.InRange(run.Refusals, 10_000, long.MaxValue);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Mutated_frames_bring_nothing_to_light(ulong seed)
    {
        var run = new Http2FuzzRun(seed);
        while (run.Inputs < 20_000 && run.Finding is null) run.Step();
        Assert.Null(run.Finding);
        Assert.InRange(run.Messages, 3_000, long.MaxValue);
        Assert.InRange(run.Refusals, 5_000, long.MaxValue);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Mutated_header_blocks_bring_nothing_to_light(ulong seed)
    {
        var run = new HpackFuzzRun(seed);
        while (run.Inputs < 20_000 && run.Finding is null) run.Step();
        Assert.Null(run.Finding);
        Assert.InRange(run.Messages, 10_000, long.MaxValue);
        Assert.InRange(run.Refusals, 2_000, long.MaxValue);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Mutated_first_bytes_of_connections_bring_nothing_to_light(ulong seed)
    {
        IFuzzRun[] runs = [new ClientHelloFuzzRun(seed), new ProxyHeaderFuzzRun(seed)];
        foreach (var run in runs)
        {
            while (run.Inputs < 50_000 && run.Finding is null) run.Step();
            Assert.Null(run.Finding);
            Assert.InRange(run.Messages, 10_000, long.MaxValue);
            Assert.InRange(run.Refusals, 10_000, long.MaxValue);
        }
    }
}
