using System.Text;
using Weft.Base;

namespace Weft.Fuzz;

/// <summary>
/// A sequence of inputs that depends on nothing but its seed. Each is made from the corpus, read by the codec in several
/// ways and checked; it ends with the first finding.
/// </summary>
public sealed class FuzzRun(ulong seed) : IFuzzRun
{
    private readonly RandomSource _random = new(seed);
    private readonly Mutator _mutator = new();
    private readonly CodecChecks _checks = new();

    /// <summary>Inputs so far.</summary>
    public long Inputs { get; private set; }

    /// <summary>Messages that the codec took as complete, in one piece.</summary>
    public long Messages => _checks.Messages;

    /// <summary>Inputs that the codec refused.</summary>
    public long Refusals => _checks.Refusals;

    /// <summary>What went wrong, with the input, for a person; null while nothing did.</summary>
    public string? Finding { get; private set; }

    public void Step()
    {
        Inputs++;
        var isResponse = _random.Next(3) == 0;
        var input = _mutator.Next(_random, isResponse);
        try
        {
            _checks.Check(input, isResponse, _random);
        }
        catch (Exception error)
        {
            Finding = $"input {Inputs} of seed {seed}, {(isResponse ? "response" : "request")}: {error}\n{Escape(input)}";
        }
    }

    private static string Escape(byte[] input)
    {
        var text = new StringBuilder();
        foreach (var c in input)
        {
            if (c is (byte)'\\' or (byte)'"') text.Append('\\').Append((char)c);
            else if (c == '\r') text.Append("\\r");
            else if (c == '\n') text.Append("\\n");
            else if (c is >= 0x20 and < 0x7F) text.Append((char)c);
            else text.Append(System.Globalization.CultureInfo.InvariantCulture, $"\\x{c:x2}");
        }

        return text.ToString();
    }
}

/// <summary>A check that did not hold.</summary>
public sealed class FindingException(string message) : Exception(message);
