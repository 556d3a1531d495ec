using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Weft.Bench;
using Weft.Bench.Peers;

[assembly: SupportedOSPlatform("linux")]

if (args is [Relay.Verb, .. var ports])
    return Relay.Run(ports);
if (!BenchOptions.TryParse(args, out var options, out var error))
{
    Console.Error.WriteLine(error);
    return 2;
}

using var stop = new CancellationTokenSource();
using var term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Cancel);
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Cancel);
try
{
    return new Session(options, stop.Token).Run();
}
catch (OperationCanceledException)
{
    Console.Error.WriteLine("bench: interrupted");
    return 130;
}
catch (BenchException e)
{
    Console.Error.WriteLine($"bench: {e.Message}");
    return 1;
}

void Cancel(PosixSignalContext context)
{
    context.Cancel = true;
    stop.Cancel();
}
