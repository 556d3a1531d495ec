namespace Weft.Observe.Logs;

/// <summary>The latest lines of access logs: the oldest go when there are too many. Loop thread.</summary>
/// <param name="maxLines">By count.</param>
/// <param name="maxBytes">By memory.</param>
internal sealed class LogStore(int maxLines, long maxBytes)
{
    /// <summary>A longer line is cut.</summary>
    public const int MaxLineLength = 16 * 1024;

    private readonly Queue<LogRecord> _records = new();

    public int Count => _records.Count;

    public long Bytes { get; private set; }

    /// <summary>Lines taken in since the start.</summary>
    public long Received { get; private set; }

    /// <summary>Lines that went to make room.</summary>
    public long Evicted { get; private set; }

    public LogRecord Add(string source, long nowMs, string text)
    {
        if (text.Length > MaxLineLength)
            text = text[..MaxLineLength];
        var record = new LogRecord(++Received, source, nowMs, text);
        _records.Enqueue(record);
        Bytes += record.EstimateBytes();
        while (_records.Count > maxLines || Bytes > maxBytes)
        {
            Bytes -= _records.Dequeue().EstimateBytes();
            Evicted++;
        }

        return record;
    }

    /// <summary>The newest lines that hold a text (in any case), oldest of them first.</summary>
    /// <param name="after">Only lines with a higher number.</param>
    public IReadOnlyList<LogRecord> Find(string? text, long after, int limit)
    {
        var found = _records.Where(record => record.Number > after && (text is null || record.Text.Contains(text, StringComparison.OrdinalIgnoreCase) || record.Source.Contains(text, StringComparison.OrdinalIgnoreCase)));
        return [.. found.TakeLast(limit)];
    }
}
