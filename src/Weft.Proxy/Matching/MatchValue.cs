namespace Weft.Proxy.Matching;

/// <summary>What an input has read. The bytes are valid until the next input is read on this thread, or what it read from changes.</summary>
internal readonly ref struct MatchValue
{
    private MatchValue(MatchOutcome isPresent) => IsPresent = isPresent;

    public MatchValue(ReadOnlySpan<byte> bytes)
    {
        IsPresent = MatchOutcome.Yes;
        Bytes = bytes;
    }

    /// <summary>There is no value, and there will be none.</summary>
    public static MatchValue Absent => new(MatchOutcome.No);

    /// <summary>There may be a value later.</summary>
    public static MatchValue Pending => new(MatchOutcome.Undecided);

    public MatchOutcome IsPresent { get; }

    public ReadOnlySpan<byte> Bytes { get; }

    /// <summary>For a person.</summary>
    public override string ToString() => IsPresent switch
    {
        MatchOutcome.Yes => $"'{System.Text.Encoding.UTF8.GetString(Bytes)}'",
        MatchOutcome.No => "absent",
        _ => "not known yet",
    };
}
