using System.Diagnostics;
using System.Globalization;
using Weft.Fuzz;

// Usage: Weft.Fuzz [--seconds N] [--inputs N] [--seed S]
// Feeds mutated HTTP/1 messages to the codec until the time or the number of inputs is over; exit code 1 with the first finding.
var seconds = Option("--seconds") ?? (Option("--inputs") is null ? 60 : long.MaxValue);
var inputs = Option("--inputs") ?? long.MaxValue;
var seed = (ulong)(Option("--seed") ?? 1);

var clock = Stopwatch.StartNew();
var run = new FuzzRun(seed);
while (run.Inputs < inputs && run.Finding is null && clock.Elapsed.TotalSeconds < seconds) run.Step();

Console.WriteLine($"seed {seed}: {run.Inputs} inputs, {run.Messages} complete messages, {run.Refusals} refusals in {clock.Elapsed.TotalSeconds:F0} s");
if (run.Finding is null)
{
    Console.WriteLine("no finding");
    return 0;
}

Console.WriteLine(run.Finding);
return 1;

long? Option(string name)
{
    var at = Array.IndexOf(args, name);
    return at >= 0 && at + 1 < args.Length ? long.Parse(args[at + 1], CultureInfo.InvariantCulture) : null;
}
