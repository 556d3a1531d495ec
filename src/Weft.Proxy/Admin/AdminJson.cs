using Google.Protobuf;
using Weft.Config;

namespace Weft.Proxy.Admin;

/// <summary>JSON answers in the layout of protobuf's printer: one space per level, snake_case names, 64-bit numbers as strings.</summary>
internal static class AdminJson
{
    private static readonly PrintOptions Sparse = PrintOptions.Default;
    private static readonly PrintOptions Full = PrintOptions.Default with { AllFields = true };

    /// <param name="withDefaults">Print fields that are not set, too.</param>
    public static void Answer(AdminResponse response, IMessage message, bool withDefaults)
    {
        response.ContentType = AdminResponse.Json;
        response.Body.Write(MessagePrinter.ToJson(message, withDefaults ? Full : Sparse));
        response.Body.Write((byte)'\n');
    }
}
