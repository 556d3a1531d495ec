namespace Weft.Config.Support;

/// <summary>The signs of the tables: + implemented, ~ harmless, - refused.</summary>
internal static class SupportSign
{
    internal static SupportStatus Parse(string sign) => sign switch
    {
        "+" => SupportStatus.Implemented,
        "~" => SupportStatus.Harmless,
        "-" => SupportStatus.Refused,
        _ => throw new FormatException($"a line of the support tables begins with '{sign}', not with +, ~ or -"),
    };
}
