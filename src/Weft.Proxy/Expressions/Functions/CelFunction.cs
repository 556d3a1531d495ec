namespace Weft.Proxy.Expressions.Functions;

/// <summary>A function of one argument, which is no error.</summary>
internal delegate CelValue CelUnary(in CelContext context, in CelValue value);

/// <summary>A function of two arguments, which are no errors.</summary>
internal delegate CelValue CelBinary(in CelContext context, in CelValue left, in CelValue right);
