using System.Runtime.Versioning;
using Weft.Bench.Balancing;

[assembly: SupportedOSPlatform("linux")]

Console.WriteLine("| policy | endpoints | update, main thread | taken over, each worker | pick |");
Console.WriteLine("|---|---:|---:|---:|---:|");
foreach (var policy in Policies.All)
{
    foreach (var count in (int[])[10, 1_000, 100_000])
        Console.WriteLine(new Measurement(policy, count).Row());
}
return 0;
