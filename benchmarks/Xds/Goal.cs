namespace Weft.Bench.Xds;

/// <summary>A line about something that is promised.</summary>
internal static class Goal
{
    public static string Line(string text, bool isMet) => $"- {(isMet ? "met" : "MISSED")}: {text}";
}
