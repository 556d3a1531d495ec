using Weft.Base;

namespace Weft.Fuzz.Listeners;

/// <summary>How far the reading of a connection's first bytes came.</summary>
public enum FirstBytesStatus : byte { NeedsMore, Found, Refused }

/// <summary>
/// Readers of a connection's first bytes: nothing may throw, what was made right is read as it was made, and once the reader has made up its mind, further
/// bytes change nothing.
/// </summary>
/// <typeparam name="T">What is known of an input that was made right.</typeparam>
public abstract class FirstBytesFuzzRun<T>(ulong seed) : IFuzzRun
    where T : class
{
    private const int MaxBytes = 40_000;

    private readonly RandomSource _random = new(seed);

    public long Inputs { get; private set; }

    public long Messages { get; private set; }

    public long Refusals { get; private set; }

    public string? Finding { get; private set; }

    public void Step()
    {
        Inputs++;
        var (made, truth) = Make(_random);
        var changes = (int)_random.Next(4);
        var input = Change(made, changes);
        try
        {
            Check(input, changes == 0 ? truth : null);
        }
        catch (Exception error)
        {
            Finding = $"input {Inputs} of seed {seed}: {error}\n{Convert.ToHexString(input)}";
        }
    }

    /// <summary>A right input and what it says.</summary>
    protected abstract (byte[] Bytes, T Truth) Make(RandomSource random);

    /// <summary>Reads; what was found as a text that is equal for equal contents.</summary>
    protected abstract FirstBytesStatus Read(ReadOnlySpan<byte> data, out string found);

    /// <summary>The same text of what an input was made of.</summary>
    protected abstract string Describe(T truth);

    /// <summary>What holds for everything that was found.</summary>
    protected virtual void CheckFound(ReadOnlySpan<byte> data)
    {
    }

    private void Check(byte[] input, T? truth)
    {
        var status = Read(input, out var found);
        Messages += status == FirstBytesStatus.Found ? 1 : 0;
        Refusals += status == FirstBytesStatus.Refused ? 1 : 0;
        if (truth is not null && (status != FirstBytesStatus.Found || found != Describe(truth)))
            throw new FindingException($"made as «{Describe(truth)}», read as {status} «{found}»");
        if (status == FirstBytesStatus.Found)
            CheckFound(input);
        for (var cuts = 0; cuts < 4; cuts++)
        {
            var cut = (int)_random.Next((uint)input.Length + 1);
            var early = Read(input.AsSpan(0, cut), out var foundEarly);
            if (early != FirstBytesStatus.NeedsMore && (early != status || foundEarly != found))
                throw new FindingException($"{early} «{foundEarly}» after {cut} bytes, then {status} «{found}»");
        }
    }

    private byte[] Change(byte[] made, int changes)
    {
        var input = made.ToList();
        // What follows is the client's data.
        for (var more = _random.Next(3); more > 0; more--)
            input.Add((byte)_random.Next(256));
        for (; changes > 0 && input.Count > 0; changes--)
        {
            var at = (int)_random.Next((uint)input.Count);
            var length = (int)Math.Min(input.Count - at, 1 + _random.Next(_random.Next(4) == 0 ? 64u : 4u));
            switch (_random.Next(6))
            {
                case 0:
                    input[at] ^= (byte)(1 << (int)_random.Next(8));
                    break;
                case 1:
                    input[at] = (byte)_random.Next(256);
                    break;
                case 2:
                    input.RemoveRange(at, length);
                    break;
                case 3:
                    input.InsertRange(at, input.GetRange(at, length));
                    break;
                case 4:
                    input.InsertRange(at, Enumerable.Repeat((byte)_random.Next(256), (int)_random.Next(_random.Next(16) == 0 ? 20_000u : 40u)));
                    break;
                default:
                    input.RemoveRange(at, input.Count - at);
                    break;
            }
        }

        if (input.Count > MaxBytes)
            input.RemoveRange(MaxBytes, input.Count - MaxBytes);
        return [.. input];
    }
}
