namespace Weft.Observe.Logs;

/// <summary>One line of an access log. Immutable.</summary>
/// <param name="Number">Counts up: where a reader was.</param>
/// <param name="Source">The file, or the node that sent it.</param>
/// <param name="ReceivedMs">Milliseconds since 1970.</param>
/// <param name="Text">Without line end; JSON where it came as JSON or as a message.</param>
internal sealed record LogRecord(long Number, string Source, long ReceivedMs, string Text)
{
    public int EstimateBytes() => 120 + (2 * (Source.Length + Text.Length));
}
