using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Weft.Bench;

/// <summary>The command line of ./bench, where its options are described.</summary>
internal sealed record BenchOptions
{
    /// <summary>The repository.</summary>
    public required string Root { get; init; }

    /// <summary>Peers to measure, in the order of the table; a name may carry a program (<c>new=/path/weft</c>), then it is another Weft.</summary>
    public IReadOnlyList<string> Only { get; init; } = ["weft", "nginx", "haproxy", "yarp", "nghttpx"];

    /// <summary>Shapes to measure; empty for all.</summary>
    public IReadOnlyList<string> Shapes { get; init; } = [];

    public int Rounds { get; init; } = 7;

    /// <summary>How often everything is done with processes started anew: what one has by chance of memory and ports, the next has not.</summary>
    public int Starts { get; init; } = 1;

    /// <summary>Length of a measured round.</summary>
    public double Seconds { get; init; } = 1.0;

    /// <summary>Load before a round is measured.</summary>
    public double SettleSeconds { get; init; } = 0.3;

    /// <summary>Load on each peer before anything is measured, for those that compile while they run.</summary>
    public double WarmUpSeconds { get; init; } = 4;

    /// <summary>Requests per second of the open loop; 0: 40 % of what the slowest peer does.</summary>
    public int Rate { get; init; }

    public int ProxyCore { get; init; }

    public int LoadCore { get; init; } = 1;

    /// <summary>Where the table goes besides the terminal; null for nowhere.</summary>
    public string? Output { get; init; }

    /// <summary>As typed, for the report.</summary>
    public string CommandLine { get; init; } = "";

    public static bool TryParse(string[] args, [NotNullWhen(true)] out BenchOptions? options, out string error)
    {
        options = null;
        error = "";
        var parsed = new BenchOptions { Root = Directory.GetCurrentDirectory(), CommandLine = string.Join(' ', ["./bench", .. args]) };
        for (var i = 0; i < args.Length; i++)
        {
            if (args[i] == "--quick")
            {
                parsed = parsed with { Rounds = 2, Seconds = 0.5, SettleSeconds = 0.15, WarmUpSeconds = 1.5 };
                continue;
            }
            if (i + 1 == args.Length)
            {
                error = $"bench: {args[i]}: unknown option, or its value is missing (see ./bench --help)";
                return false;
            }
            try
            {
                parsed = With(parsed, args[i], args[++i]);
            }
            catch (FormatException)
            {
                error = $"bench: {args[i - 1]}: cannot take '{args[i]}' (see ./bench --help)";
                return false;
            }
        }
        options = parsed;
        return true;
    }

    private static BenchOptions With(BenchOptions options, string name, string value) => name switch
    {
        "--only" => options with { Only = value.Split(',') },
        "--shape" => options with { Shapes = value.Split(',') },
        "--rounds" => options with { Rounds = Math.Max(1, int.Parse(value, CultureInfo.InvariantCulture)) },
        "--starts" => options with { Starts = Math.Max(1, int.Parse(value, CultureInfo.InvariantCulture)) },
        "--seconds" => options with { Seconds = double.Parse(value, CultureInfo.InvariantCulture) },
        "--warm-up" => options with { WarmUpSeconds = double.Parse(value, CultureInfo.InvariantCulture) },
        "--rate" => options with { Rate = int.Parse(value, CultureInfo.InvariantCulture) },
        "--proxy-core" => options with { ProxyCore = int.Parse(value, CultureInfo.InvariantCulture) },
        "--load-core" => options with { LoadCore = int.Parse(value, CultureInfo.InvariantCulture) },
        "--output" => options with { Output = value },
        _ => throw new FormatException(),
    };
}
