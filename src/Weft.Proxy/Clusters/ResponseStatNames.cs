using System.Globalization;
using Weft.Base.Stats;

namespace Weft.Proxy.Clusters;

/// <summary>
/// The names that count responses by status: <c>upstream_rq_completed</c>, <c>upstream_rq_2xx</c>, <c>upstream_rq_200</c> ..., plain
/// and under <c>internal.</c>, <c>external.</c> <c>canary.</c> and <c>retry.</c>; and the time of requests in all but the last. Envoy's codes.cc.
/// </summary>
internal static class ResponseStatNames
{
    public const int Plain = 0;
    public const int Internal = 1;
    public const int External = 2;
    public const int Canary = 3;

    /// <summary>Responses that were not passed on but tried again; they have no times.</summary>
    public const int Retry = 4;

    private const int FirstStatus = 100;
    private const int StatusCount = 500;
    private const int CodesOffset = 7;
    private const int GroupSize = CodesOffset + StatusCount;

    public static readonly StatNames Counters = new("response codes", 5 * GroupSize, NameOfCounter);

    public static readonly StatNames Times = new("response times", 4, group => PrefixOf(group) + "upstream_rq_time");

    public static int Completed(int group) => group * GroupSize;

    /// <summary>The member for a class (2xx), or -1 for a status that has none.</summary>
    public static int Class(int group, int status) => status / 100 is >= 1 and <= 5 and var hundreds ? (group * GroupSize) + hundreds : -1;

    /// <summary>The member for one status; all that are no HTTP statuses share one.</summary>
    public static int Code(int group, int status) =>
        (group * GroupSize) + ((uint)(status - FirstStatus) < StatusCount ? CodesOffset + status - FirstStatus : CodesOffset - 1);

    private static string NameOfCounter(int member)
    {
        var rest = (member % GroupSize) switch
        {
            0 => "completed",
            CodesOffset - 1 => "unknown",
            < CodesOffset and var hundreds => hundreds.ToString(CultureInfo.InvariantCulture) + "xx",
            var code => (code - CodesOffset + FirstStatus).ToString(CultureInfo.InvariantCulture),
        };
        return PrefixOf(member / GroupSize) + "upstream_rq_" + rest;
    }

    private static string PrefixOf(int group) => group switch
    {
        Internal => "internal.",
        External => "external.",
        Canary => "canary.",
        Retry => "retry.",
        _ => "",
    };
}
