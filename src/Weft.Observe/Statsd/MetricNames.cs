namespace Weft.Observe.Statsd;

/// <summary>Names as Prometheus allows them: what it does not becomes an underscore.</summary>
internal static class MetricNames
{
    public static string Metric(string name) => Escape(name, allowColon: true);

    public static string Label(string name) => Escape(name, allowColon: false);

    private static string Escape(string name, bool allowColon)
    {
        var isFine = !char.IsAsciiDigit(name[0]);
        foreach (var c in name)
            isFine &= IsAllowed(c, allowColon);
        if (isFine)
            return name;
        var escaped = string.Create(name.Length, (name, allowColon), static (output, state) =>
        {
            for (var i = 0; i < output.Length; i++)
                output[i] = IsAllowed(state.name[i], state.allowColon) ? state.name[i] : '_';
        });
        return char.IsAsciiDigit(escaped[0]) ? "_" + escaped : escaped;
    }

    private static bool IsAllowed(char c, bool allowColon) => char.IsAsciiLetterOrDigit(c) || c == '_' || (allowColon && c == ':');
}
