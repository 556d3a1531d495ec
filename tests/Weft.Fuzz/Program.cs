using System.Diagnostics;
using System.Globalization;
using Weft.Fuzz;
using Weft.Fuzz.Hpack;
using Weft.Fuzz.Http2;
using Weft.Fuzz.Listeners;

// Usage: Weft.Fuzz [--http2 | --hpack | --client-hello | --proxy-protocol] [--seconds N] [--inputs N] [--seed S]
// Feeds mutated HTTP/1 messages (or HTTP/2 frames, header blocks, TLS hellos, PROXY protocol headers) to their reader until the time or the number of inputs is over; exit code 1 with the first finding.
var seconds = Option("--seconds") ?? (Option("--inputs") is null ? 60 : long.MaxValue);
var inputs = Option("--inputs") ?? long.MaxValue;
var seed = (ulong)(Option("--seed") ?? 1);

var clock = Stopwatch.StartNew();
IFuzzRun run = args.Contains("--http2") ? new Http2FuzzRun(seed)
    : args.Contains("--hpack") ? new HpackFuzzRun(seed)
    : args.Contains("--client-hello") ? new ClientHelloFuzzRun(seed)
    : args.Contains("--proxy-protocol") ? new ProxyHeaderFuzzRun(seed)
    : new FuzzRun(seed);
while (run.Inputs < inputs && run.Finding is null && clock.Elapsed.TotalSeconds < seconds) run.Step();
return Report(run.Inputs, run.Messages, run.Refusals, run.Finding);

int Report(long count, long messages, long refusals, string? finding)
{
    Console.WriteLine($"seed {seed}: {count} inputs, {messages} complete messages, {refusals} refusals in {clock.Elapsed.TotalSeconds:F0} s");
    Console.WriteLine(finding ?? "no finding");
    return finding is null ? 0 : 1;
}

long? Option(string name)
{
    var at = Array.IndexOf(args, name);
    return at >= 0 && at + 1 < args.Length ? long.Parse(args[at + 1], CultureInfo.InvariantCulture) : null;
}
